import { GemgateError } from '../../../src/core/errors.ts'
import { originOf } from '../bench/stream/origin.ts'
import { waveformOrReason } from '../waveform/waveform.ts'
import { type MatcherResult, type MatcherState, number, type Value } from './matcher-state.ts'

/** What `dut.stream` gives, as far as it matters here. */
interface StreamLike {
  readonly columns: Readonly<Record<string, Column>>
  readonly times: Uint32Array
}

type Column = ArrayLike<Value>

/** Items of the first data port, or columns by port name. */
export type GivenItems = Column | Readonly<Record<string, Column>>

function isColumn(items: GivenItems): items is Column {
  return typeof (items as Column).length === 'number'
}

function columnsOf(received: unknown): StreamLike['columns'] {
  const stream = received as Partial<StreamLike> | null | undefined
  if (stream?.columns && stream.times) return stream.columns
  throw new GemgateError(
    'GG_USAGE',
    'toGive was given no stream',
    'Write expect(dut.stream({ source, items, sink, count })).toGive(items).',
  )
}

interface ItemDifference {
  readonly index: number
  readonly names: readonly string[]
  readonly count: number
}

function firstDifference(
  received: StreamLike['columns'],
  expected: StreamLike['columns'],
): ItemDifference | undefined {
  const names = Object.keys(expected)
  for (const name of names)
    if (!received[name])
      throw new GemgateError(
        'GG_PORT',
        `the stream has no data port ${name}`,
        `Its data ports are ${Object.keys(received).join(', ')}.`,
      )
  const differs = (name: string, i: number) => {
    const [left, right] = [expected[name]![i], received[name]![i]]
    if (left === right) return false
    return left === undefined || right === undefined || BigInt(left) !== BigInt(right)
  }
  const length = Math.max(...names.flatMap((name) => [received[name]!.length, expected[name]!.length]))
  const wrong: number[] = []
  for (let i = 0; i < length; i++) if (names.some((name) => differs(name, i))) wrong.push(i)
  const [index] = wrong
  if (index === undefined) return undefined
  return { index, names: names.filter((name) => differs(name, index)), count: wrong.length }
}

function show(column: Column, index: number): string {
  return index < column.length ? number(BigInt(column[index]!)) : 'nothing'
}

/** Items before and behind a wrong one that are shown, and cycles behind it. */
const around = { items: 3, cycles: 4 }

function explainItem(
  { utils }: MatcherState,
  stream: StreamLike,
  expected: StreamLike['columns'],
  { index, names, count }: ItemDifference,
): string {
  const origin = originOf(stream)
  const received = stream.columns
  const rows = Math.max(...names.flatMap((name) => [received[name]!.length, expected[name]!.length]))
  const lines = names.flatMap((name) => {
    const shown: string[] = []
    for (let i = Math.max(0, index - around.items); i < Math.min(rows, index + around.items + 1); i++) {
      const [left, right] = [show(expected[name]!, i), show(received[name]!, i)]
      const same = left === right
      const values = same
        ? left
        : `expected ${utils.EXPECTED_COLOR(left)}, received ${utils.RECEIVED_COLOR(right)}`
      shown.push(`${i === index ? '>' : ' '} ${name}[${i}]  ${values}`)
    }
    return shown
  })
  const title = `item ${index} of the stream differs, ${count} of ${rows} in all:`
  if (!origin) return [title, ...lines].join('\n')
  const time = stream.times[index]
  const cycle = origin.cycle + (time ?? stream.times.at(-1) ?? 0)
  const marked = new Map(origin.ports.map((port) => [port, '']))
  const text = time === undefined ? `the last item, ${index - 1}` : `item ${index}`
  const until = Math.min(origin.simulation.cycle, cycle + around.cycles)
  const options = { marked, until, event: { cycle: cycle + 1, text } }
  return [title, ...lines, '', waveformOrReason(origin.simulation, options)].join('\n')
}

/** What a stream gave: the items of its first data port, or columns by port name. */
export function toGive(this: MatcherState, received: unknown, items: GivenItems): MatcherResult {
  const columns = columnsOf(received)
  const expected = isColumn(items) ? { [Object.keys(columns)[0]!]: items } : items
  const difference = firstDifference(columns, expected)
  return {
    pass: difference === undefined,
    message: () =>
      difference
        ? explainItem(this, received as StreamLike, expected, difference)
        : 'expected other items than these',
  }
}
