import { describe, expect, it } from 'vitest'
import { frameKind, type LinkFrame, replyStatus } from '../../../src/link/protocol.ts'
import { bytesToWords, wordsToBytes } from '../../../src/link/words.ts'
import { large, startEndpoint } from './start-endpoint.ts'

const registers = large.REGISTERS
const words = (frame: LinkFrame | undefined): number[] => [...bytesToWords(frame!.payload)]
const start = () => startEndpoint(large, 1, { access: 9 })

describe('registers through the endpoint', () => {
  it('reads and writes runs of up to 125 words, and pulses one address, in order', async () => {
    const { bench, host } = await start()
    host.hello(1)
    for (const [address, count] of [
      [0, 1],
      [75, 125],
      [199, 1],
      [3, 77],
    ] as const) {
      const values = Array.from({ length: count }, (_, i) => (0x7e7d0000 + 977 * i * (address + 1)) >>> 0)
      bench.accesses.length = 0
      expect(host.write(address, values)).toMatchObject([{ kind: frameKind.writeReply, aux: 0 }])
      expect(bench.accesses).toEqual(values.map((value, i) => ({ address: address + i, value, write: true })))
      const [reply] = host.read(address, count)
      expect(reply).toMatchObject({ kind: frameKind.readReply, flags: 0, aux: 0 })
      expect(words(reply)).toEqual(values)
    }
    bench.accesses.length = 0
    const pulses = Array.from({ length: 125 }, (_, i) => i * 3)
    expect(host.write(199, pulses, frameKind.pulse)).toMatchObject([{ kind: frameKind.pulseReply, aux: 0 }])
    expect(bench.accesses).toEqual(pulses.map((value) => ({ address: 199, value, write: true })))
  })

  it('refuses ranges that end outside and wrong lengths before anything is executed', async () => {
    const { bench, host } = await start()
    host.hello(1)
    const bytes = (n: number) => new Uint8Array(n)
    const cases: [number, number, Uint8Array, number][] = [
      [frameKind.read, registers, Uint8Array.of(1), replyStatus.badAddress],
      [frameKind.read, registers - 1, Uint8Array.of(2), replyStatus.badAddress],
      [frameKind.read, 0xffff, Uint8Array.of(125), replyStatus.badAddress],
      [frameKind.read, 0, Uint8Array.of(0), replyStatus.badLength],
      [frameKind.read, 0, Uint8Array.of(126), replyStatus.badLength],
      [frameKind.read, 0, Uint8Array.of(255), replyStatus.badLength],
      [frameKind.read, 0, bytes(0), replyStatus.badLength],
      [frameKind.read, 0, Uint8Array.of(1, 0), replyStatus.badLength],
      [frameKind.write, registers, bytes(4), replyStatus.badAddress],
      [frameKind.write, registers - 2, bytes(12), replyStatus.badAddress],
      [frameKind.write, 0xfffe, bytes(12), replyStatus.badAddress],
      [frameKind.write, 0, bytes(0), replyStatus.badLength],
      [frameKind.write, 0, bytes(5), replyStatus.badLength],
      [frameKind.write, 0, bytes(498), replyStatus.badLength],
      [frameKind.pulse, registers, bytes(4), replyStatus.badAddress],
      [frameKind.pulse, 0xffff, bytes(8), replyStatus.badAddress],
      [frameKind.pulse, 0, bytes(3), replyStatus.badLength],
      [frameKind.statistics, 0, bytes(1), replyStatus.badLength],
    ]
    for (const [kind, aux, payload, status] of cases) {
      const seq = host.nextSeq()
      const refused = { kind: kind | 0x80, flags: 0, seq, aux: status, payload: bytes(0) }
      expect(host.ask({ kind, seq, aux, payload })).toEqual([refused])
      // Refusals are remembered as other replies are.
      expect(host.ask({ kind, seq, aux, payload })).toEqual([refused])
    }
    expect(bench.accesses).toEqual([])
    expect(host.statistics()).toMatchObject({ duplicates: cases.length, frames: 2 * cases.length + 2 })
  })

  it('executes a repeated request once and gives the stored reply, whatever came between', async () => {
    const { bench, host } = await start()
    host.hello(1)
    bench.registers.fill(1, 0, 125)
    const read = { kind: frameKind.read, seq: 7, aux: 0, payload: Uint8Array.of(125) }
    const [first] = host.ask(read)
    bench.registers.fill(2, 0, 125)
    expect(host.ask({ kind: 0x55, seq: 9 })).toMatchObject([{ kind: frameKind.error, seq: 9, aux: 4 }])
    host.ask({ kind: frameKind.credit, seq: 0, aux: 4 })
    expect(host.ask(read)).toEqual([first])
    host.hello(1)
    expect(host.ask({ ...read, kind: frameKind.write })).toEqual([first])
    expect(bench.accesses.length).toBe(125)
    const write = { kind: frameKind.write, seq: 0xffff, aux: 5, payload: wordsToBytes([9]) }
    host.ask(write)
    expect(host.ask(write)).toMatchObject([{ kind: frameKind.writeReply, seq: 0xffff }])
    expect(bench.accesses.filter((access) => access.write)).toEqual([{ address: 5, value: 9, write: true }])
    // Number 0 is a number like others: nothing is remembered for it at first.
    expect(words(host.ask({ ...read, seq: 0, payload: Uint8Array.of(1) })[0])).toEqual([2])
  })

  it('answers two requests that come at once in order, also with slow accesses and a slow host', async () => {
    const { bench, host } = await startEndpoint(large, 2, { access: 60, output: 200 })
    host.hello(1)
    for (let run = 0; run < 20; run++) {
      const seq = 1 + 3 * run
      host.post({ kind: frameKind.write, seq, aux: 1, payload: wordsToBytes([run, run + 1, run + 2]) })
      host.post({ kind: frameKind.read, seq: seq + 1, aux: 1, payload: Uint8Array.of(3) })
      host.post({ kind: 0x20, seq: seq + 2 })
      const frames = host.answers()
      expect(frames.map(({ kind, seq: number }) => [kind, number])).toEqual([
        [frameKind.writeReply, seq],
        [frameKind.readReply, seq + 1],
        [frameKind.error, seq + 2],
      ])
      expect(words(frames[1])).toEqual([run, run + 1, run + 2])
    }
    expect(bench.accesses.length).toBe(120)
  })

  it('does not touch a long answer that a slow host still reads when the next request is there', async () => {
    const { bench, host } = await startEndpoint(large, 3, { output: 240 })
    host.hello(1)
    for (let address = 0; address < registers; address++) bench.registers[address] = 0x1010101 * address
    const ranges = [0, 75, 40]
    for (const [i, aux] of ranges.entries())
      host.post({ kind: frameKind.read, seq: i + 1, aux, payload: Uint8Array.of(125) })
    const frames = host.answers()
    expect(frames.map((frame) => words(frame))).toEqual(
      ranges.map((aux) => [...bench.registers.subarray(aux, aux + 125)]),
    )
  })
})
