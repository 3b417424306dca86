import { expect, it } from 'vitest'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { decodeDeviceStatistics } from '../../../src/link/statistics.ts'
import { simulateLink } from './link-simulation.ts'
import { SerialReader, serialLine } from './serial-line.ts'

const divisor = 4
const frame = (kind: number, seq = 0, aux = 0, payload: Uint8Array = new Uint8Array(0)): Uint8Array =>
  encodeFor('bytes', { kind, flags: 0, seq, aux, payload })

// Bytes of events: those that are escaped take twice as long on the line; clocks until the request comes.
it.each([
  [1, 0],
  [1, 1500],
  [1, 8000],
  [0x7e, 1500],
])(
  'takes a window of pixels while a reply waits behind an event frame (events %i, %i clocks)',
  async (event, gap) => {
    const { simulation } = await simulateLink('link_uart', { DIVISOR: divisor })
    const { words, stepFunction: step } = simulation
    const port = (name: string): number => simulation.word(name)
    const [rx, tx, valid, ready] = [port('rx'), port('tx'), port('reg_valid'), port('reg_ready')]
    const [given, taken] = [port('s_axis_tvalid'), port('s_axis_tready')]
    const reader = new SerialReader(divisor)
    const frames: LinkFrame[] = []
    const decoder = new FrameDecoder('bytes', 500, (answer) => frames.push(answer))
    let events = 0
    simulation.set('m_axis_tready', 1)
    simulation.set('s_axis_tdata', event)
    const run = (clocks: number, bytes: Uint8Array = new Uint8Array(0)): LinkFrame[] => {
      const line = serialLine([...bytes], divisor)
      for (let clock = 0; clock < line.length + clocks; clock++) {
        words[rx] = line[clock] ?? 1
        words[given] = Number(events > 0)
        simulation.settle()
        words[ready] = words[valid]!
        if (words[given] !== 0 && words[taken] !== 0) events--
        const byte = reader.push(words[tx]!)
        if (byte !== undefined) decoder.push(Uint8Array.of(byte))
        step()
      }
      return frames.splice(0)
    }
    expect(run(20_000, frame(frameKind.hello, 0, 0, encodeHello(7, 0)))).toHaveLength(1)
    events = 1500
    run(8000)
    run(gap, frame(frameKind.credit, 0, 2))
    const window = [0, 1, 2].map((seq) => frame(frameKind.dataToDevice, seq, 0, new Uint8Array(500).fill(3)))
    const read = frame(frameKind.read, 1, 0, Uint8Array.of(31))
    const answers = run(100_000, Buffer.concat([read, frame(frameKind.credit, 0, 2), ...window]))
    expect(answers.filter(({ kind }) => kind === frameKind.readReply)).toHaveLength(1)
    expect(answers.findLast(({ kind }) => kind === frameKind.creditReply)).toMatchObject({ seq: 3, aux: 6 })
    const statistics = run(40_000, frame(frameKind.statistics, 2)).find(
      ({ kind }) => kind === frameKind.statisticsReply,
    )
    expect(decodeDeviceStatistics(statistics!.payload)).toMatchObject({
      framingErrors: 0,
      crcErrors: 0,
      refused: 0,
    })
  },
)
