import { describe, expect, it } from 'vitest'
import type { LinkTarget } from '../../../sim/board/link-device.ts'
import { LinkEndpoint } from '../../../sim/board/link-endpoint.ts'
import { Random } from '../../../src/core/random.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import type { EndpointBench } from './endpoint-bench.ts'
import { startEndpoint } from './start-endpoint.ts'

const registers = 31
const nothing = new Uint8Array(0)

/** What stands behind the twin: the same as the bench gives the gateware. */
class Target implements LinkTarget {
  readonly registers = new Uint32Array(registers)
  readonly writes: (readonly [number, number])[] = []
  readonly pixels: number[] = []
  messages: Uint8Array[] = []
  takesPixels = true
  sessions = 0
  readonly dropped = 0

  read(address: number): number {
    return this.registers[address]!
  }
  write(address: number, value: number): void {
    this.writes.push([address, value])
    this.registers[address] = value
  }
  push(bytes: Uint8Array): number {
    if (!this.takesPixels) return 0
    this.pixels.push(...bytes)
    return bytes.length
  }
  pull(): Uint8Array | undefined {
    return this.messages.shift()
  }
  session(): void {
    this.sessions++
    this.messages = []
  }
}

/** Frames near to what the state of both sides makes interesting. */
class Stimulus {
  readonly #random: Random
  #request = 1
  #pixels = 0
  #events = 0
  #nonce = 1

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  next(): LinkFrame {
    const random = this.#random
    const r = (n: number): number => random.integer(n)
    const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => r(256))
    const flags = r(4) === 0 ? 0x40 : r(3) === 0 ? r(256) : 0
    const frame = { flags, seq: 0, aux: 0, payload: new Uint8Array(0) }
    switch (r(12)) {
      case 0: {
        if (r(3) !== 0)
          return {
            ...frame,
            kind: frameKind.statistics,
            seq: this.#request++,
            payload: bytes(r(5) === 0 ? 1 : 0),
          }
        if (r(2) === 0) {
          this.#nonce += r(3)
          if (r(4) !== 0) this.#pixels = this.#events = 0
        }
        const payload = encodeHello(this.#nonce, 0)
        if (r(4) === 0) payload[r(16)]! ^= 1 << r(8)
        return {
          ...frame,
          kind: frameKind.hello,
          seq: r(3),
          payload: payload.subarray(0, r(8) === 0 ? 12 : 16),
        }
      }
      case 1:
        return { ...frame, kind: r(256), seq: this.#request, aux: r(40), payload: bytes(r(20)) }
      case 2:
      case 3: {
        if (r(3) !== 0) this.#request++
        const count = r(6) === 0 ? bytes(r(3)) : Uint8Array.of(r(8))
        return { ...frame, kind: frameKind.read, seq: this.#request, aux: r(34), payload: count }
      }
      case 4:
      case 5: {
        if (r(3) !== 0) this.#request++
        const payload = bytes(r(6) === 0 ? r(30) : 4 * r(9))
        return {
          ...frame,
          kind: r(2) === 0 ? frameKind.write : frameKind.pulse,
          seq: this.#request,
          aux: r(34),
          payload,
        }
      }
      case 6:
      case 7:
      case 8: {
        // Not 1: the gateware's output register would take all of it, and free the slot, before the core does.
        const length = r(8) === 0 ? 0 : 2 + r(40)
        const seq = r(5) === 0 ? this.#pixels + r(5) - 2 : this.#pixels++
        return {
          ...frame,
          kind: frameKind.dataToDevice,
          seq: seq & 0xffff,
          payload: bytes(length),
        }
      }
      default: {
        const seq = (this.#events + (r(6) === 0 ? r(7) - 3 : 0)) & 0xffff
        return {
          ...frame,
          kind: frameKind.credit,
          seq,
          aux: (seq + (r(10) === 0 ? r(65536) : r(5))) & 0xffff,
        }
      }
    }
  }

  /** Numbers that the device's frames tell. */
  learn(frames: readonly LinkFrame[]): void {
    for (const { kind, seq } of frames) {
      if (kind === frameKind.creditReply) this.#pixels = seq
      if (kind === frameKind.dataToHost) this.#events = (seq + 1) & 0xffff
    }
  }
}

/** The answers, the events, and what all CREDIT replies say together: they may be joined. */
function summary(frames: readonly LinkFrame[]): unknown {
  const credits = frames.filter(({ kind }) => kind === frameKind.creditReply)
  const state = credits.at(-1)
  return {
    answers: frames.filter(({ kind }) => kind !== frameKind.creditReply && kind !== frameKind.dataToHost),
    events: frames.filter(({ kind }) => kind === frameKind.dataToHost),
    credit: state && [state.seq, state.aux],
    again: credits.filter(({ flags }) => flags === 0x40).length,
    payload: credits.some(({ payload }) => payload.length > 0),
  }
}

function gateware(bench: EndpointBench): (bytes: Uint8Array) => LinkFrame[] {
  const frames: LinkFrame[] = []
  const decoder = new FrameDecoder('bytes', 500, (frame) => frames.push(frame))
  return (bytes) => {
    bench.send(bytes)
    bench.settle()
    decoder.push(bench.takeOutput())
    return frames.splice(0)
  }
}

function model(twin: LinkEndpoint): (bytes: Uint8Array) => LinkFrame[] {
  const frames: LinkFrame[] = []
  const decoder = new FrameDecoder('bytes', 500, (frame) => frames.push(frame))
  return (bytes) => {
    twin.receive(bytes)
    for (let out = twin.transmit(); out !== undefined; out = twin.transmit()) decoder.push(out)
    return frames.splice(0)
  }
}

describe('the TypeScript twin and the gateware', () => {
  it.each([1, 2, 3])('answer the same to the same frames and garbage (seed %i)', async (seed) => {
    const { bench } = await startEndpoint({ REGISTERS: registers }, seed, {
      pixels: 60,
      events: 30,
      access: 3,
      output: 20,
    })
    const target = new Target()
    const twin = new LinkEndpoint(target, {
      framing: 'bytes',
      registers,
      slots: 3,
      transmitSlots: 2,
      clock: 12_000_000,
    })
    const [hard, soft] = [gateware(bench), model(twin)]
    const random = new Random(seed + 100)
    const stimulus = new Stimulus(seed)
    const seen = new Set<number>()
    for (let step = 0; step < 500; step++) {
      const takes = random.integer(4) !== 0
      bench.takesPixels = takes
      target.takesPixels = takes
      if (random.integer(4) === 0 && target.sessions > 0) {
        const length = random.integer(12) === 0 ? 1100 : 1 + random.integer(40)
        const message = Uint8Array.from({ length }, () => random.integer(256))
        bench.message(message)
        target.messages.push(message)
      }
      const quiet = soft(nothing)
      expect(summary(hard(nothing)), `before step ${step}`).toEqual(summary(quiet))
      stimulus.learn(quiet)
      const bytes = encodeFor('bytes', stimulus.next())
      if (random.integer(15) === 0) bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8)
      const frames = soft(bytes)
      expect(summary(hard(bytes)), `step ${step}`).toEqual(summary(frames))
      for (const { kind } of frames) seen.add(kind)
      stimulus.learn(frames)
    }
    bench.takesPixels = true
    target.takesPixels = true
    const flag = Uint8Array.of(0x7e)
    expect(summary(hard(flag))).toEqual(summary(soft(flag)))
    expect(bench.pixels).toEqual(target.pixels)
    expect(bench.accesses.filter(({ write }) => write).map(({ address, value }) => [address, value])).toEqual(
      target.writes,
    )
    expect(bench.sessions).toBe(target.sessions)
    expect(seen.size).toBe(8)
  })
})
