import type { Random } from '../../../src/core/random.ts'
import {
  GraphBuilder,
  hull,
  type Range,
  type Rounding,
  type ScalarFunction,
} from '../../../src/network/graph/index.ts'
import type { GraphSegment, StreamFormat } from '../../../src/network/hardware/hardware-module.ts'

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
const between = (random: Random, low: number, high: number): number => low + random.integer(high - low + 1)

const roundings: readonly Rounding[] = ['half-even', 'floor', 'ceil', 'up', 'down', 'half-up', 'half-down']
export const kinds = ['affine', 'round', 'multiply-shift', 'thresholds', 'table', 'float32-scale'] as const
export type Kind = (typeof kinds)[number]

/** A random function on a range, whose interesting places lie inside it. */
export function randomFunction(random: Random, kind: Kind, range: Range): ScalarFunction {
  const size = range.max - range.min
  const depth = Math.max(0, Math.ceil(Math.log2(size + 1)))
  const [min, max] = pick(random, [
    [0, 2 ** between(random, 1, 8) - 1],
    [-(2 ** between(random, 0, 7)), 2 ** between(random, 0, 7) - 1],
    [-(2 ** 15), 2 ** 15 - 1],
    [3, 9],
  ] as [number, number][])
  switch (kind) {
    case 'affine':
      return { kind, multiply: between(random, -9, 9), add: between(random, -99, 99) }
    case 'round':
      return {
        kind,
        shift: between(random, -2, Math.min(20, depth + 1)),
        rounding: pick(random, roundings),
        min,
        max,
      }
    case 'multiply-shift': {
      const shift = between(random, 0, Math.min(20, depth + 3))
      return { kind, multiply: between(random, -40, 40), add: between(random, -2000, 2000), shift, min, max }
    }
    case 'thresholds': {
      const count = pick(random, [0, 1, 2, 3, 5, 7])
      const thresholds = Float64Array.from({ length: count }, () =>
        between(random, range.min - 2, range.max + 2),
      ).sort()
      const outputs = Float64Array.from({ length: count + 1 }, () => between(random, -99, 99))
      return { kind, thresholds, outputs }
    }
    case 'table': {
      const outputs = Float64Array.from({ length: Math.min(size + 1, 200) }, () => between(random, -99, 99))
      return { kind, first: range.min + (size > 200 ? random.integer(size - 199) : 0), outputs }
    }
    case 'float32-scale': {
      const goal = pick(random, [3, 100, 1000, 1e-3, 1e20])
      const multiplier = Math.fround(((random.integer(1000) + 1) / 500) * (goal / (size + 1)))
      const tie = pick(random, [multiplier, 2 ** between(random, -10, 0), Math.fround(1e-42)])
      return { kind, multiplier: tie, zeroPoint: between(random, min, max), min, max }
    }
  }
}

export interface RandomDense {
  readonly segment: GraphSegment
  readonly shape: readonly number[]
  readonly input: StreamFormat
}

/** A dense layer of random size on a vector or a picture, with up to two functions of the given kinds. */
export function randomDense(random: Random, wanted: readonly Kind[]): RandomDense {
  const shape = pick(random, [
    [between(random, 1, 12)],
    [between(random, 1, 3), between(random, 1, 4), between(random, 1, 4)],
  ])
  const inputs = shape.reduce((product, n) => product * n, 1)
  const outputs = between(random, 1, 9)
  const bits = pick(random, [1, 2, 5, 8, 16])
  const signed = random.integer(2) === 0
  const builder = new GraphBuilder('random')
  const source = builder.input({ name: 'x', bits, signed, scales: [1], zeroPoint: 0 }, shape)
  const span = pick(random, [1, 3, 127, 30000])
  const values: number[] = []
  let from = source
  if (random.integer(3) === 0) {
    const indices = Int32Array.from({ length: inputs }, () => random.integer(inputs + 1) - 1)
    from = builder.add(
      'order',
      random.integer(2) === 0 ? { kind: 'rearrange', source } : { kind: 'rearrange', source, indices },
      [inputs],
    )
    values.push(from)
  }
  const weights = Int32Array.from({ length: inputs * outputs }, () => between(random, -span, span))
  const bias = Float64Array.from({ length: outputs }, () => between(random, -span * 20, span * 20))
  let last = builder.add('dense', { kind: 'dense', source: from, weights, bias })
  values.push(last)
  for (const kind of wanted) {
    const { ranges } = builder.value(last)
    const shared = random.integer(2) === 0
    const made = Array.from({ length: shared ? 1 : outputs }, (_, j) =>
      randomFunction(random, kind, shared ? hull(ranges) : (ranges[j] ?? ranges[0]!)),
    )
    const functions = random.integer(2) === 0 ? made : withOneSetOfResults(made)
    last = builder.add(kind, { kind: 'map', source: last, functions })
    values.push(last)
  }
  builder.output({ name: 'y', value: last, bits: 53, signed: true, scales: [1], zeroPoint: 0 })
  const segment = { graph: builder.build(), source, values, result: last }
  const pixels = inputs / shape[0]!
  const formats = [
    { beats: 1, lanes: inputs, bits, signed },
    { beats: pixels, lanes: shape[0]!, bits, signed },
    { beats: Math.ceil(inputs / 3), lanes: 3, bits: bits + 1, signed: true },
  ]
  return { segment, shape, input: pick(random, formats) }
}

/** Thresholds or tables with different arguments often have the same results. */
function withOneSetOfResults(functions: readonly ScalarFunction[]): ScalarFunction[] {
  return functions.map((f) =>
    f.kind === 'thresholds' ? { ...f, outputs: f.outputs.map((_, k) => 2 * k - 3) } : f,
  )
}
