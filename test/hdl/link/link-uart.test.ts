import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { wordsToBytes } from '../../../src/link/words.ts'
import { simulateLink } from './link-simulation.ts'
import { SerialReader, serialLine } from './serial-line.ts'

const divisor = 4
/** Clocks that one access takes; 125 of them last as long as 94 bytes on the line. */
const accessClocks = 25

/** link_uart with its pixels looped back as events, and registers that hold what was written; by words, being bits. */
async function start(): Promise<(line: readonly number[]) => LinkFrame[]> {
  const { simulation } = await simulateLink('link_uart', { DIVISOR: divisor, REGISTERS: 200 })
  const { words, stepFunction: step } = simulation
  const port = (name: string): number => simulation.word(name)
  const [rx, tx, ready, value] = [port('rx'), port('tx'), port('reg_ready'), port('reg_read_data')]
  const [valid, write, address, written] = ['valid', 'write', 'address', 'write_data'].map((name) =>
    port(`reg_${name}`),
  ) as [number, number, number, number]
  const loop = ['tvalid', 'tready', 'tdata'].map(
    (name) => [port(`m_axis_${name}`), port(`s_axis_${name}`)] as const,
  )
  const last = port('s_axis_tlast')
  const registers = new Int32Array(200)
  const reader = new SerialReader(divisor)
  const frames: LinkFrame[] = []
  const decoder = new FrameDecoder('bytes', 500, (frame) => frames.push(frame))
  let busy = 0
  return (line) => {
    for (let clock = 0; clock < line.length + 60_000; clock++) {
      words[rx] = line[clock] ?? 1
      words[ready] = Number(busy === accessClocks)
      simulation.settle()
      words[value] = registers[words[address]!]!
      if (words[ready] !== 0 && words[write] !== 0) registers[words[address]!] = words[written]!
      busy = words[valid] === 0 || words[ready] !== 0 ? 0 : busy + 1
      words[loop[0]![1]] = words[loop[0]![0]]!
      words[loop[2]![1]] = words[loop[2]![0]]!
      words[last] = Number((words[loop[2]![0]]! & 15) === 15)
      words[loop[1]![0]] = words[loop[1]![1]]!
      const byte = reader.push(words[tx]!)
      if (byte !== undefined) decoder.push(Uint8Array.of(byte))
      step()
    }
    return frames.splice(0)
  }
}

const frame = (kind: number, seq = 0, aux = 0, payload: Uint8Array = new Uint8Array(0)): Uint8Array =>
  encodeFor('bytes', { kind, flags: 0, seq, aux, payload })
const lineOf = (...frames: Uint8Array[]): number[] => serialLine(Buffer.concat(frames).toJSON().data, divisor)

describe('link_uart, bit by bit at 4 clocks per bit', () => {
  it('takes a full request, a credit and two full frames of pixels back to back, and answers all', async () => {
    const exchange = await start()
    const random = new Random(1)
    expect(exchange(lineOf(frame(frameKind.hello, 0, 0, encodeHello(3, 0))))).toMatchObject([
      { kind: frameKind.helloReply },
    ])
    const words = Array.from({ length: 125 }, () => random.uint32())
    const pixels = [0, 1].map(() => Uint8Array.from({ length: 500 }, () => random.integer(256)))
    const frames = exchange(
      lineOf(
        frame(frameKind.credit, 0, 100),
        frame(frameKind.write, 1, 7, wordsToBytes(words)),
        frame(frameKind.credit, 0, 101),
        frame(frameKind.dataToDevice, 0, 0, pixels[0]),
        frame(frameKind.dataToDevice, 1, 0, pixels[1]),
      ),
    )
    expect(frames.filter(({ kind }) => kind === frameKind.writeReply)).toMatchObject([{ seq: 1, aux: 0 }])
    // What the loop gives comes in frames of at most two slots, which nobody acknowledges here.
    const events = Buffer.concat(
      frames.filter(({ kind }) => kind === frameKind.dataToHost).map(({ payload }) => payload),
    )
    expect(events.length).toBeGreaterThan(1)
    expect(events).toEqual(Buffer.concat(pixels).subarray(0, events.length))
    expect(frames.filter(({ kind }) => kind === frameKind.creditReply).at(-1)).toMatchObject({ seq: 2 })
    const [read] = exchange(lineOf(frame(frameKind.read, 2, 7, Uint8Array.of(125)))).filter(
      ({ kind }) => kind === frameKind.readReply,
    )
    expect(read!.payload).toEqual(wordsToBytes(words))
  })

  it('says HELLO after noise, a break, and the wrong baud rate', async () => {
    const exchange = await start()
    const random = new Random(2)
    const hello = frame(frameKind.hello, 0, 0, encodeHello(9, 0))
    const rest: number[] = Array(100).fill(1)
    const burdens: number[][] = [
      Array.from({ length: 8000 }, () => random.integer(2)),
      Array(8000).fill(0),
      serialLine([...hello, ...hello], 3.1),
      serialLine([...hello, ...hello], 17),
      [...lineOf(hello).slice(0, 500), 0, 0, 0, 0],
    ]
    for (const burden of burdens) {
      const frames = exchange([...burden, ...rest, ...lineOf(Uint8Array.of(0x7e), hello)])
      expect(frames.at(-1)).toMatchObject({ kind: frameKind.helloReply, payload: { length: 32 } })
    }
  })
})
