import { Random } from '../../../src/core/random.ts'
import {
  GraphBuilder,
  type ScalarFunction,
  type TreeNode,
  type ValueId,
} from '../../../src/network/graph/index.ts'
import type { GraphSegment } from '../../../src/network/hardware/hardware-module.ts'
import { wholeSegment } from './random-segment.ts'

/** A segment with what Yosys 0.55 made of it: `synth_xilinx -family xc7 -nodsp -flatten -noiopad`. */
export interface MeasuredDesign {
  readonly name: string
  readonly segment: GraphSegment
  readonly luts: number
  readonly ffs: number
}

export const measuredDesigns: readonly MeasuredDesign[] = [
  {
    name: '16 comparators of 16 bits',
    segment: functions(16, 16, (random) => steps(random, 1, 30000)),
    luts: 110,
    ffs: 17,
  },
  {
    name: '16 functions of 12 bits with 15 uneven steps',
    segment: functions(16, 12, (random) => steps(random, 15, 2000)),
    luts: 465,
    ffs: 741,
  },
  {
    name: '4 tables of 8 bits',
    segment: functions(4, 8, (random) => ({
      kind: 'table',
      first: -128,
      outputs: Float64Array.from({ length: 256 }, () => random.integer(256) - 128),
    })),
    luts: 130,
    ffs: 33,
  },
  {
    name: '16 requantizations of 16 bits by a power of two',
    segment: functions(16, 16, () => ({
      kind: 'round',
      shift: 7,
      rounding: 'half-even',
      min: -128,
      max: 127,
    })),
    luts: 290,
    ffs: 129,
  },
  {
    name: '8 requantizations of 14 bits by any scale',
    segment: functions(8, 14, (random) => ({
      kind: 'float32-scale',
      multiplier: Math.fround(0.0117 * (1 + random.uniform())),
      zeroPoint: 3,
      min: -128,
      max: 127,
    })),
    luts: 1073,
    ffs: 1139,
  },
  {
    name: 'a dense layer 12 x 12 of 6 bits with its requantization',
    segment: whole([12], 6, (builder, source, random) => {
      const weights = Int32Array.from({ length: 144 }, () => random.integer(64) - 32)
      const bias = Float64Array.from({ length: 12 }, () => random.integer(1000) - 500)
      const sums = builder.add('fc', { kind: 'dense', source, weights, bias })
      const relu = { kind: 'round', shift: 6, rounding: 'half-even', min: 0, max: 63 } as const
      return builder.add('relu', { kind: 'map', source: sums, functions: [relu] })
    }),
    luts: 1607,
    ffs: 1063,
  },
  {
    name: 'a maximum over 2 x 2 of 8 bits, 18 times',
    segment: whole([2, 6, 6], 8, (builder, source) =>
      builder.add('pool', {
        kind: 'pool',
        source,
        mode: 'max',
        window: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
      }),
    ),
    luts: 758,
    ffs: 434,
  },
  {
    name: 'an argmax of 10 numbers of 12 bits',
    segment: whole([10], 12, (builder, source) =>
      builder.add('class', { kind: 'argmax', source, axis: 0, last: false }),
    ),
    luts: 198,
    ffs: 171,
  },
  {
    name: '10 trees of depth 4 over 6 features of 8 bits',
    segment: whole([6], 8, (builder, source, random) => {
      const trees = Array.from({ length: 10 }, () => ({ nodes: fullTree(random, 6, 4) }))
      const forest = { features: 6, targets: 1, trees, base: Float64Array.of(0) }
      return builder.add('trees', { kind: 'trees', source, forest })
    }),
    luts: 487,
    ffs: 245,
  },
]

function whole(
  shape: readonly number[],
  bits: number,
  make: (builder: GraphBuilder, source: ValueId, random: Random) => ValueId,
): GraphSegment {
  const builder = new GraphBuilder('measured')
  const port = { name: 'x', bits, signed: true, scales: [1], zeroPoint: 0 }
  const source = builder.input(port, shape)
  const value = make(builder, source, new Random(2026))
  builder.output({ ...port, name: 'y', value })
  return wholeSegment(builder.build())
}

function functions(lanes: number, bits: number, make: (random: Random) => ScalarFunction): GraphSegment {
  return whole([lanes], bits, (builder, source, random) =>
    builder.add('map', { kind: 'map', source, functions: Array.from({ length: lanes }, () => make(random)) }),
  )
}

function steps(random: Random, count: number, reach: number): ScalarFunction {
  return {
    kind: 'thresholds',
    thresholds: Float64Array.from({ length: count }, () => random.integer(2 * reach) - reach).sort(),
    outputs: Float64Array.from({ length: count + 1 }, (_, k) => k),
  }
}

function fullTree(random: Random, features: number, depth: number): TreeNode[] {
  const branches = 2 ** depth - 1
  return Array.from(
    { length: 2 * branches + 1 },
    (_, at): TreeNode =>
      at < branches
        ? {
            kind: 'branch',
            feature: random.integer(features),
            threshold: random.integer(200) - 100,
            below: 2 * at + 1,
            above: 2 * at + 2,
          }
        : { kind: 'leaf', targets: [0], weights: [random.integer(2000) - 1000] },
  )
}
