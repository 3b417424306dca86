import { describe, expect, it } from 'vitest'
import { damaged, damageKinds, randomBytes } from '../../sim/board/damage.ts'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import type { LinkDevice } from '../../sim/board/link-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { VirtualClock } from '../../sim/board/virtual-clock.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { encodeFor, type Framing } from '../../src/link/framer.ts'
import { encodeHello } from '../../src/link/hello.ts'
import { frameKind } from '../../src/link/protocol.ts'
import { LinkSession } from '../../src/link/session.ts'
import { TestTarget } from './test-target.ts'

const kinds = [...Object.values(frameKind), 0x00, 0x7f, 0x41]

/** Frames with right CRCs whose fields are anything, near what a session would have. */
function anyFrame(framing: Framing, random: Random): Uint8Array {
  const small = random.integer(2) === 0
  const payload = randomBytes(random.integer(random.integer(4) === 0 ? 501 : 40), random)
  return encodeFor(framing, {
    kind: kinds[random.integer(kinds.length)]!,
    flags: random.integer(256),
    seq: random.integer(small ? 8 : 65536),
    aux: random.integer(small ? 9 : 65536),
    payload,
  })
}

function anyBytes(framing: Framing, random: Random): Uint8Array {
  const frame = anyFrame(framing, random)
  const choice = random.integer(4)
  // DMA moves whole words, whatever is in them.
  const unit = framing === 'bytes' ? 1 : 8
  if (choice === 0) return randomBytes(unit * random.integer(100), random)
  if (choice === 1) return damaged(frame, damageKinds[random.integer(6)]!, unit, random)
  return frame
}

describe.each(['bytes', 'records'] as const)('untrusted %s', (framing) => {
  it('harm no device: registers in range, bounded answers, and HELLO recovers', async () => {
    const random = new Random(11)
    const target = new TestTarget(16)
    const endpoint = new LinkEndpoint(target, { framing, registers: 16 })
    let most = 0
    for (let n = 0; n < 4000; n++) {
      if (random.integer(20) === 0)
        endpoint.receive(
          encodeFor(framing, {
            kind: frameKind.hello,
            flags: 0,
            seq: 0,
            aux: 0,
            payload: encodeHello(random.integer(3), 0),
          }),
        )
      endpoint.receive(anyBytes(framing, random))
      if (random.integer(50) === 0) target.messages.push(randomBytes(1 + random.integer(2000), random))
      if (random.integer(10) > 0) continue
      let answers = 0
      while (endpoint.transmit() !== undefined) answers++
      most = Math.max(most, answers)
    }
    expect(most).toBeLessThan(32)
    for (const [address] of target.writes) expect(address).toBeLessThan(16)
    expect(target.registers).toHaveLength(16)
    target.pixels.length = 0
    const flush = framing === 'bytes' ? Uint8Array.of(0x7e) : new Uint8Array(1024)
    endpoint.receive(flush)
    const session = await LinkSession.open(new DuplexCarrier(endpoint))
    await session.write(3, [9])
    await session.send(Uint8Array.of(1, 2, 3))
    expect(target.pixels).toEqual([1, 2, 3])
    await session.close()
  })

  it('harm no host: every call ends, with a typed error or a right answer', async () => {
    const codes = new Map<string, number>()
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed)
      const clock = new VirtualClock()
      const endpoint = new LinkEndpoint(new TestTarget(16), { framing, registers: 16 })
      const soup: Uint8Array[] = []
      const device: LinkDevice = {
        framing,
        onOutput: undefined,
        receive(bytes) {
          endpoint.receive(bytes)
          for (let n = random.integer(8); n > 4; n--) soup.push(anyBytes(framing, random))
          this.onOutput?.()
        },
        transmit: () => soup.shift() ?? endpoint.transmit(),
      }
      const talk = async (): Promise<void> => {
        const session = await LinkSession.open(new DuplexCarrier(device, { clock }), { clock })
        try {
          for (let n = 0; n < 20; n++) {
            await session.write(2, [n])
            await session.send(new Uint8Array(600))
            await session.read(2)
          }
        } finally {
          await session.close()
        }
      }
      const error = await clock.run(
        talk().catch((error: unknown) => error),
        600_000,
      )
      if (error !== undefined) expect(error).toBeInstanceOf(GemgateError)
      const code = error instanceof GemgateError ? error.code : 'well'
      codes.set(code, (codes.get(code) ?? 0) + 1)
      expect(clock.pending).toBe(0)
    }
    expect(codes.size).toBeGreaterThan(2)
    for (const code of codes.keys())
      expect([
        'well',
        'GG_LINK_PROTOCOL',
        'GG_LINK_TIMEOUT',
        'GG_LINK_RESET',
        'GG_LINK_LOST',
        'GG_REGISTER',
      ]).toContain(code)
  })

  it('do not fill the memory of a host that a device floods beyond its credit', async () => {
    const clock = new VirtualClock()
    const endpoint = new LinkEndpoint(new TestTarget(16), { framing, registers: 16 })
    let seq = 0
    let left = 5000
    const flood: LinkDevice = {
      framing,
      onOutput: undefined,
      receive(bytes) {
        endpoint.receive(bytes)
        this.onOutput?.()
      },
      transmit() {
        const bytes = endpoint.transmit()
        if (bytes !== undefined || endpoint.statistics.sessions === 0 || left-- <= 0) return bytes
        return encodeFor(framing, {
          kind: frameKind.dataToHost,
          flags: 0x30,
          seq: seq++ & 0xffff,
          aux: 0,
          payload: new Uint8Array(500),
        })
      },
    }
    const options = { clock, receiveBuffer: 10_000, window: 8 }
    const session = await clock.run(LinkSession.open(new DuplexCarrier(flood, { clock }), options))
    await clock.run(new Promise<void>((resolve) => clock.after(1000, resolve)))
    expect(left).toBeLessThan(0)
    expect(session.statistics().eventBytes).toBeLessThan(10_000 + 8 * 500)
    await session.close()
  })
})
