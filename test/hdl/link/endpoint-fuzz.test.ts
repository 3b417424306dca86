import { describe, expect, it } from 'vitest'
import { LinkEndpoint } from '../../../sim/board/link-endpoint.ts'
import { Random } from '../../../src/core/random.ts'
import { encodeFrame } from '../../../src/link/frame.ts'
import { FrameDecoder } from '../../../src/link/framer.ts'
import { stuff } from '../../../src/link/hdlc.ts'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameKind } from '../../../src/link/protocol.ts'
import { startEndpoint } from './start-endpoint.ts'

const kinds = [...Object.values(frameKind), 0, 7]
const writing: readonly number[] = [frameKind.write, frameKind.pulse]

function someFrame(random: Random): Uint8Array {
  const kind = kinds[random.integer(kinds.length)]!
  const length = writing.includes(kind) ? 4 * random.integer(6) : random.integer(5) * random.integer(12)
  const payload =
    kind === frameKind.hello
      ? encodeHello(random.uint32(), 0)
      : Uint8Array.from({ length }, () => random.integer(256))
  return encodeFrame({
    kind,
    flags: random.integer(256),
    seq: random.integer(4),
    aux: random.integer(40),
    payload,
  })
}

/** Bytes that may hold anything, mostly no frame. */
function soup(random: Random): Uint8Array {
  const bytes = [...stuff(someFrame(random))]
  const at = (): number => random.integer(bytes.length)
  switch (random.integer(8)) {
    case 0:
      return Uint8Array.from({ length: random.integer(60) }, () => random.integer(256))
    case 1:
      for (let n = random.integer(3); n >= 0; n--) bytes[at()]! ^= 1 << random.integer(8)
      return Uint8Array.from(bytes)
    case 2:
      bytes.splice(at(), 1 + random.integer(3))
      return Uint8Array.from(bytes)
    case 3:
      bytes.splice(at(), 0, random.integer(256))
      return Uint8Array.from(bytes)
    case 4:
      return Uint8Array.from(bytes.slice(at()).concat(bytes.slice(0, at())))
    case 5:
      return Uint8Array.from(
        { length: random.integer(30) },
        () => [0x7e, 0x7d, 0x5e, 0x5d, 5][random.integer(5)]!,
      )
    case 6:
      return Uint8Array.from(bytes)
    default:
      return random.integer(20) === 0
        ? new Uint8Array(random.integer(1500)).fill(random.integer(256))
        : Uint8Array.of(0x7d)
  }
}

describe('any bytes into the endpoint', () => {
  it('execute nothing that no valid frame asks for, and HELLO works behind them', async () => {
    const registers = 31
    const { bench, host } = await startEndpoint({ REGISTERS: registers }, 5, {
      pixels: 90,
      access: 4,
      output: 20,
    })
    const random = new Random(5)
    // What a frame executes, by the twin of the endpoint.
    const writes: (readonly [number, number])[] = []
    const twin = new LinkEndpoint(
      {
        read: () => 0,
        write: (address, value) => writes.push([address, value]),
        push: (bytes) => bytes.length,
        pull: () => undefined,
        session: () => {},
        dropped: 0,
      },
      { framing: 'bytes', registers, slots: 3 },
    )
    const send = bench.send.bind(bench)
    bench.send = (bytes) => {
      twin.receive(bytes)
      while (twin.transmit() !== undefined);
      send(bytes)
    }
    let frames = 0
    // What the bytes hold by the codec of the host.
    const oracle = new FrameDecoder('bytes', 500, () => frames++)
    let harmless = 0
    for (let round = 0; round < 120; round++) {
      const before = { writes: writes.length, accesses: bench.accesses.length }
      for (let n = 0; n < 30; n++) {
        const bytes = soup(random)
        oracle.push(bytes)
        bench.send(bytes)
      }
      oracle.push(Uint8Array.of(0x7e))
      bench.send(Uint8Array.of(0x7e))
      host.answers()
      const written = bench.accesses.slice(before.accesses).filter(({ write }) => write)
      expect(written.map(({ address, value }) => [address, value])).toEqual(writes.slice(before.writes))
      if (written.length === 0) harmless++
      expect(host.hello(round + 1).nonce).toBe(round + 1)
      expect(host.read(0, 1)).toMatchObject([{ kind: frameKind.readReply, aux: 0 }])
      frames += 2
    }
    expect(bench.accesses.every(({ address }) => address < registers)).toBe(true)
    expect(harmless).toBeGreaterThan(20)
    expect(writes.length).toBeGreaterThan(50)
    const statistics = host.statistics()
    expect(statistics.frames).toBe(frames + 1)
    expect(statistics.crcErrors).toBe(oracle.counters.crcErrors)
    expect(statistics.framingErrors).toBe(oracle.counters.framingErrors)
    expect(statistics.framingErrors).toBeGreaterThan(500)
    expect(statistics.crcErrors).toBeGreaterThan(300)
  })
})
