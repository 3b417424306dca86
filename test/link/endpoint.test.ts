import { describe, expect, it } from 'vitest'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { encodeFor, FrameDecoder, type Framing } from '../../src/link/framer.ts'
import { decodeHelloReply, encodeHello } from '../../src/link/hello.ts'
import { frameFlags, frameKind, type LinkFrame } from '../../src/link/protocol.ts'
import { decodeDeviceStatistics } from '../../src/link/statistics.ts'
import { bytesToWords, wordsToBytes } from '../../src/link/words.ts'
import { TestTarget } from './test-target.ts'

const nothing = new Uint8Array(0)
const { first, last, retransmit } = frameFlags

/** The twin, frame by frame. */
class Bench {
  readonly target = new TestTarget(16)
  readonly endpoint: LinkEndpoint
  readonly #framing: Framing
  readonly #decoder: FrameDecoder
  #frames: LinkFrame[] = []

  constructor(framing: Framing, session = true) {
    this.#framing = framing
    this.endpoint = new LinkEndpoint(this.target, { framing, registers: 16, slots: 2, transmitSlots: 3 })
    this.#decoder = new FrameDecoder(framing, 500, (frame) => this.#frames.push(frame))
    if (session) this.ask(frameKind.hello, 0, 0, encodeHello(1, 0))
  }

  /** Sends one frame; gives what the device has to say after it. */
  ask(kind: number, seq: number, aux: number, payload: Uint8Array = nothing, flags = 0): LinkFrame[] {
    this.endpoint.receive(encodeFor(this.#framing, { kind, flags, seq, aux, payload }))
    return this.hear()
  }

  hear(): LinkFrame[] {
    for (let bytes = this.endpoint.transmit(); bytes !== undefined; bytes = this.endpoint.transmit())
      this.#decoder.push(bytes)
    return this.#frames.splice(0)
  }
}

function reply(kind: number, seq: number, aux: number, payload = nothing, flags = 0): LinkFrame {
  return { kind, flags, seq, aux, payload }
}

describe.each(['bytes', 'records'] as const)('the device over %s', (framing) => {
  it('answers everything but HELLO with status 5 before there is a session', () => {
    const bench = new Bench(framing, false)
    for (const kind of [1, 2, 3, 4, 6, 0x40, 0x77])
      expect(bench.ask(kind, kind, 3)).toEqual([reply(frameKind.error, kind, 5)])
    expect(bench.target.sessions).toBe(0)
  })

  it('begins a session for a new nonce only, and answers each HELLO', () => {
    const bench = new Bench(framing, false)
    for (const [nonce, sessions] of [
      [7, 1],
      [7, 1],
      [8, 2],
      [7, 3],
    ] as const) {
      const [answer] = bench.ask(frameKind.hello, 0, 0, encodeHello(nonce, 0))
      expect(decodeHelloReply(answer!.payload)).toMatchObject({ nonce, registers: 16, slots: 2 })
      expect(bench.target.sessions).toBe(sessions)
    }
  })

  it('refuses a HELLO of another length, magic or version', () => {
    const bench = new Bench(framing, false)
    const hello = encodeHello(1, 0)
    expect(bench.ask(frameKind.hello, 0, 0, hello.subarray(1))).toEqual([reply(0xff, 0, 2)])
    for (const at of [0, 4]) {
      const other = hello.slice()
      other[at]! ^= 1
      expect(bench.ask(frameKind.hello, 0, 0, other)).toEqual([reply(0xff, 0, 4)])
    }
    expect(bench.target.sessions).toBe(0)
  })

  it('checks length and whole range before anything is executed', () => {
    const bench = new Bench(framing)
    const words = (...values: number[]): Uint8Array => wordsToBytes(values)
    let seq = 0
    for (const [kind, aux, payload, status] of [
      [frameKind.read, 16, Uint8Array.of(1), 1],
      [frameKind.read, 15, Uint8Array.of(2), 1],
      [frameKind.read, 0, Uint8Array.of(0), 2],
      [frameKind.read, 0, Uint8Array.of(126), 2],
      [frameKind.read, 0, nothing, 2],
      [frameKind.read, 0, Uint8Array.of(1, 0), 2],
      [frameKind.write, 15, words(1, 2), 1],
      [frameKind.write, 65535, words(1, 2), 1],
      [frameKind.write, 0, nothing, 2],
      [frameKind.write, 0, Uint8Array.of(1, 2, 3), 2],
      [frameKind.pulse, 16, words(1), 1],
      [frameKind.statistics, 0, Uint8Array.of(1), 2],
    ] as const)
      expect(bench.ask(kind, ++seq, aux, payload)).toEqual([reply(kind | 0x80, seq, status)])
    expect(bench.target.writes).toEqual([])
    expect(bench.ask(frameKind.pulse, ++seq, 15, words(5, 6))).toEqual([reply(0x83, seq, 0)])
    expect(bench.ask(frameKind.write, ++seq, 3, words(7, 8))).toEqual([reply(0x82, seq, 0)])
    expect(bench.target.writes).toEqual([
      [15, 5],
      [15, 6],
      [3, 7],
      [4, 8],
    ])
    const [read] = bench.ask(frameKind.read, ++seq, 3, Uint8Array.of(2))
    expect(bytesToWords(read!.payload)).toEqual(Uint32Array.of(7, 8))
  })

  it('executes a repeated request once, and refuses unknown kinds without memory of them', () => {
    const bench = new Bench(framing)
    const pulse = () => bench.ask(frameKind.pulse, 9, 1, wordsToBytes([4]))
    expect(pulse()).toEqual(pulse())
    expect(bench.ask(0x33, 10, 0)).toEqual([reply(0xff, 10, 4)])
    expect(bench.ask(0x82, 11, 0)).toEqual([reply(0xff, 11, 4)])
    pulse()
    expect(bench.target.writes).toEqual([[1, 4]])
    const [statistics] = bench.ask(frameKind.statistics, 12, 0)
    expect(decodeDeviceStatistics(statistics!.payload)).toMatchObject({
      duplicates: 2,
      sessions: 1,
      frames: 7,
    })
  })

  it('takes pixels in order, with credits, and asks once for a missing frame', () => {
    const bench = new Bench(framing)
    const data = (seq: number, ...bytes: number[]) =>
      bench.ask(frameKind.dataToDevice, seq, 0, Uint8Array.from(bytes))
    const credit = (seq: number, limit: number, flags = 0) => [reply(0x84, seq, limit, nothing, flags)]
    expect(bench.ask(frameKind.credit, 0, 0)).toEqual(credit(0, 2))
    expect(data(0, 1, 2)).toEqual(credit(1, 3))
    expect(data(2, 9)).toEqual(credit(1, 3, retransmit))
    expect(data(3, 9)).toEqual(credit(1, 3))
    expect(data(0, 1, 2)).toEqual(credit(1, 3))
    expect(data(1, 3)).toEqual(credit(2, 4))
    bench.target.room = 1
    expect(data(2, 4, 5)).toEqual(credit(3, 4))
    expect(data(3, 6)).toEqual(credit(4, 4))
    expect(data(4, 7)).toEqual(credit(4, 4))
    bench.target.room = 9
    bench.endpoint.advance()
    expect(bench.hear()).toEqual(credit(4, 6))
    expect(bench.target.pixels).toEqual([1, 2, 3, 4, 5, 6])
    expect(bench.endpoint.statistics.refused).toBe(4)
  })

  it('sends events as far as it may, holds them until they are acknowledged, and goes back', () => {
    const bench = new Bench(framing)
    bench.target.messages.push(new Uint8Array(1200).fill(1), Uint8Array.of(2), Uint8Array.of(3))
    const events = (seq: number, limit: number, flags = 0) =>
      bench
        .ask(frameKind.credit, seq, limit, nothing, flags)
        .slice(1)
        .map((frame) => [frame.seq, frame.flags, frame.payload.length])
    expect(events(0, 0)).toEqual([])
    expect(events(0, 2)).toEqual([
      [0, first, 500],
      [1, 0, 500],
    ])
    expect(events(0, 9)).toEqual([[2, last, 200]])
    expect(events(1, 9, retransmit)).toEqual([
      [1, 0, 500],
      [2, last, 200],
      [3, first | last, 1],
    ])
    // What was acknowledged before, was never sent, or is too far ahead changes nothing.
    for (const [seq, limit] of [
      [0, 9],
      [5, 9],
      [4, (4 + 0x8001) & 0xffff],
    ] as const)
      expect(events(seq, limit, retransmit)).toEqual([])
    expect(events(4, 9, retransmit)).toEqual([[4, first | last, 1]])
    expect(events(5, 9, retransmit)).toEqual([])
    expect(bench.endpoint.statistics.retransmitted).toBe(2)
  })

  it('forgets streams and the last request when a session begins, and keeps settings', () => {
    const bench = new Bench(framing)
    bench.ask(frameKind.write, 1, 5, wordsToBytes([55]))
    bench.target.room = 0
    bench.ask(frameKind.dataToDevice, 0, 0, Uint8Array.of(1))
    bench.target.messages.push(new Uint8Array(900))
    bench.ask(frameKind.credit, 0, 1)
    bench.ask(frameKind.hello, 0, 0, encodeHello(2, 0))
    bench.target.room = 9
    bench.endpoint.advance()
    expect(bench.target.pixels).toEqual([])
    expect(bench.ask(frameKind.credit, 0, 9)).toEqual([reply(0x84, 0, 2)])
    bench.target.messages.push(Uint8Array.of(7))
    bench.endpoint.advance()
    expect(bench.hear()).toEqual([reply(0xc0, 0, 0, Uint8Array.of(7), first | last)])
    const [read] = bench.ask(frameKind.read, 1, 5, Uint8Array.of(1))
    expect(bytesToWords(read!.payload)).toEqual(Uint32Array.of(55))
  })
})
