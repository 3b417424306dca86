import { GraphBuilder } from '../../../src/network/graph/graph-builder.ts'
import { elementCount, type IntegerGraph, type ValueId } from '../../../src/network/graph/integer-graph.ts'
import type { Rounding, ScalarFunction } from '../../../src/network/graph/scalar-function.ts'

const roundings: readonly Rounding[] = ['half-even', 'floor', 'ceil', 'up', 'down', 'half-up', 'half-down']

/** A source of seeded random numbers, `int(n)` from 0 to n - 1. */
export interface Dice {
  int(n: number): number
}

/** A random function of integers of up to about 20 bits; tables only where the range is small. */
export function randomFunction(dice: Dice, min: number, max: number): ScalarFunction {
  const kind = dice.int(max - min < 300 ? 6 : 5)
  const low = dice.int(200) - 120
  const high = low + dice.int(200)
  if (kind === 0) return { kind: 'affine', multiply: [1, 1, -1, 2, 3][dice.int(5)]!, add: dice.int(9) - 4 }
  if (kind === 1) return { kind: 'round', shift: 0, rounding: 'half-even', min: low, max: high }
  if (kind === 2)
    return { kind: 'round', shift: dice.int(7) - 1, rounding: roundings[dice.int(7)]!, min: low, max: high }
  if (kind === 3)
    return {
      kind: 'multiply-shift',
      multiply: dice.int(60) - 30,
      add: dice.int(50),
      shift: dice.int(6),
      min: low,
      max: high,
    }
  if (kind === 4) {
    const span = max - min
    const thresholds = Float64Array.from({ length: dice.int(7) }, () => min + dice.int(span + 2)).sort()
    return {
      kind: 'thresholds',
      thresholds,
      outputs: Float64Array.from({ length: thresholds.length + 1 }, () => dice.int(60) - 30),
    }
  }
  return {
    kind: 'table',
    first: min,
    outputs: Float64Array.from({ length: max - min + 1 }, () => dice.int(100) - 50),
  }
}

/** A random small graph on a vector or a picture: every operation kind but trees. */
export function randomGraph(dice: Dice, operations: number): IntegerGraph {
  const builder = new GraphBuilder('random')
  const picture = dice.int(2) === 0
  const shape = picture ? [1 + dice.int(3), 2 + dice.int(4), 2 + dice.int(4)] : [1 + dice.int(8)]
  const signed = dice.int(2) === 0
  const bits = 1 + dice.int(8)
  const made: ValueId[] = [builder.input({ name: 'x', bits, signed, scales: [1], zeroPoint: 0 }, shape)]
  const narrow = (id: ValueId): ValueId => {
    const { min, max } = builder.value(id).ranges[0]!
    if (max - min < 2 ** 20) return id
    return builder.add('narrow', {
      kind: 'map',
      source: id,
      functions: [{ kind: 'round', shift: 8, rounding: 'floor', min: -500, max: 500 }],
    })
  }
  for (let n = 0; n < operations; n++) made.push(narrow(addOperation(dice, builder, made)))
  builder.output({ name: 'y', value: made.at(-1)!, bits: 32, signed: true, scales: [1], zeroPoint: 0 })
  if (dice.int(3) === 0)
    builder.output({
      name: 'z',
      value: made[dice.int(made.length)]!,
      bits: 32,
      signed: true,
      scales: [1],
      zeroPoint: 0,
    })
  return builder.build()
}

function addOperation(dice: Dice, builder: GraphBuilder, made: readonly ValueId[]): ValueId {
  const source = made[Math.max(0, made.length - 1 - dice.int(2))]!
  const { shape, ranges } = builder.value(source)
  const size = elementCount(shape)
  const weights = (count: number): Int32Array => Int32Array.from({ length: count }, () => dice.int(17) - 8)
  const bias = (count: number): Float64Array => Float64Array.from({ length: count }, () => dice.int(101) - 50)
  const pick = dice.int(9)
  if (pick === 0) {
    const outputs = 1 + dice.int(6)
    return builder.add('dense', {
      kind: 'dense',
      source,
      weights: weights(outputs * size),
      bias: bias(outputs),
    })
  }
  if (pick === 1 && shape.length === 3 && shape[1]! > 1 && shape[2]! > 1) {
    const window = {
      kernel: [1 + dice.int(2), 1 + dice.int(2)],
      strides: [1 + dice.int(2), 1],
      pads: [dice.int(2), 0, 0, dice.int(2)],
      dilations: [1, 1],
    } as const
    const groups = shape[0]! === 2 ? 2 : 1
    const outputs = groups * (1 + dice.int(2))
    const count = (outputs * shape[0]! * window.kernel[0] * window.kernel[1]) / groups
    return builder.add('conv', {
      kind: 'conv',
      source,
      weights: weights(count),
      bias: bias(outputs),
      groups,
      window,
    })
  }
  if (pick === 2 && shape.length === 3 && shape[1]! > 1 && shape[2]! > 1)
    return builder.add('pool', {
      kind: 'pool',
      source,
      mode: dice.int(2) === 0 ? 'max' : 'sum',
      window: { kernel: [2, 2], strides: [1, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    })
  if (pick === 3) {
    const same = made.filter((id) => builder.value(id).shape.join() === shape.join())
    return builder.add('sum', {
      kind: 'sum',
      terms: [
        { source, factor: 1 },
        { source: same[dice.int(same.length)]!, factor: dice.int(5) - 2 },
      ],
    })
  }
  if (pick === 4) {
    if (dice.int(2) === 0) return builder.add('flatten', { kind: 'rearrange', source }, [size])
    const indices = Int32Array.from({ length: 1 + dice.int(2 * size) }, () => dice.int(size + 1) - 1)
    return builder.add('pick', { kind: 'rearrange', source, indices }, [indices.length])
  }
  if (pick === 5) {
    const elements = Float64Array.from({ length: size }, () => dice.int(9) - 4)
    const constant = builder.add('constant', { kind: 'constant', elements }, shape)
    return builder.add('concat', {
      kind: 'concat',
      sources: dice.int(2) === 0 ? [source, constant] : [constant, source],
      axis: dice.int(shape.length),
    })
  }
  if (pick === 6 && dice.int(4) === 0)
    return builder.add('argmax', {
      kind: 'argmax',
      source,
      axis: dice.int(shape.length),
      last: dice.int(2) === 0,
    })
  const count = dice.int(2) === 0 ? 1 : shape[0]!
  const hullMin = Math.min(...ranges.map((r) => r.min))
  const hullMax = Math.max(...ranges.map((r) => r.max))
  return builder.add('map', {
    kind: 'map',
    source,
    functions: Array.from({ length: count }, () => randomFunction(dice, hullMin, hullMax)),
  })
}

/** Inputs at random and at the ends of the range. */
export function randomInputs(dice: Dice, graph: IntegerGraph): Float64Array[] {
  return graph.inputs.map((port) => {
    const { shape, ranges } = graph.values[port.value]!
    const { min, max } = ranges[0]!
    const mode = dice.int(4)
    return Float64Array.from({ length: elementCount(shape) }, () =>
      mode === 0 ? min : mode === 1 ? max : min + dice.int(max - min + 1),
    )
  })
}
