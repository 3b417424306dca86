import type { Random } from '../../../src/core/random.ts'
import {
  elementCount,
  GraphBuilder,
  hull,
  type IntegerGraph,
  operands,
  type Range,
  type Rounding,
  rangeOf,
  type ScalarFunction,
  type TreeNode,
  type ValueId,
} from '../../../src/network/graph/index.ts'
import type { GraphSegment } from '../../../src/network/hardware/hardware-module.ts'

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
const between = (random: Random, min: number, max: number): number => min + random.integer(max - min + 1)

/** Largest magnitude that a random graph lets grow, so that functions stay interesting. */
const growth = 2 ** 22

/** Everything after the only input as one segment. */
export function wholeSegment(graph: IntegerGraph): GraphSegment {
  const source = graph.inputs[0]!.value
  const values = graph.values.map(({ id }) => id).filter((id) => id !== source)
  return { graph, source, values, result: graph.outputs[0]!.value }
}

/** A random small network with one input and one output that uses any operations. */
export function randomSegment(random: Random): GraphSegment {
  const builder = new GraphBuilder('random')
  const picture = random.integer(3) === 0
  const shape = picture
    ? [between(random, 1, 2), between(random, 2, 4), between(random, 2, 4)]
    : [between(random, 1, 6)]
  const bits = between(random, 1, 16)
  const signed = random.integer(2) === 0
  const all = signed
    ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1, step: 1 }
    : { min: 0, max: 2 ** bits - 1, step: 1 }
  const range =
    random.integer(3) === 0
      ? [between(random, all.min, all.max), between(random, all.min, all.max)].sort((p, q) => p - q)
      : [all.min, all.max]
  const source = builder.input({ name: 'x', bits, signed, scales: [1], zeroPoint: 0 }, shape, {
    min: range[0]!,
    max: range[1]!,
    step: 1,
  })
  let value = source
  const made: ValueId[] = [value]
  for (let k = between(random, 1, 5); k > 0; k--) {
    value = addRandom(builder, random, value, made)
    made.push(value)
  }
  builder.output({ name: 'y', value, bits: 53, signed: true, scales: [1], zeroPoint: 0 })
  const graph = builder.build()
  const reached = new Set([value])
  for (let id = value; id >= 0; id--)
    if (reached.has(id)) for (const operand of operands(graph.values[id]!.operation)) reached.add(operand)
  return reached.has(source) ? { ...wholeSegment(graph), result: value } : randomSegment(random)
}

function addRandom(
  builder: GraphBuilder,
  random: Random,
  source: ValueId,
  earlier: readonly ValueId[],
): ValueId {
  const { shape, ranges } = builder.value(source)
  const all = hull(ranges)
  if (Math.max(-all.min, all.max) > growth)
    return builder.add('shrink', { kind: 'map', source, functions: [shrinking(random, all)] })
  const name = pick(random, ['layer', '/conv1/Relu_output_0', '0', 'a b', 'wire'])
  const weight = (): number =>
    random.integer(3) === 0 ? 0 : between(random, -1, 1) * between(random, 0, pick(random, [1, 7, 127]))
  const count = elementCount(shape)
  const kind = pick(random, [
    'dense',
    'map',
    'map',
    'map',
    'window',
    'window',
    'sum',
    'rearrange',
    'concat',
    'argmax',
    'trees',
    'constant',
  ])
  switch (kind) {
    case 'dense': {
      const outputs = between(random, 1, 6)
      const weights = Int32Array.from({ length: outputs * count }, weight)
      const bias = Float64Array.from({ length: outputs }, () => between(random, -300, 300))
      return builder.add(name, { kind, source, weights, bias })
    }
    case 'map': {
      const channels = random.integer(2) === 0 ? 1 : shape[0]!
      const value = builder.value(source)
      const functions = Array.from({ length: channels }, (_, c) =>
        randomFunction(random, channels === 1 ? all : rangeOf(value, c)),
      )
      return builder.add(name, { kind, source, functions })
    }
    case 'window': {
      if (shape.length !== 3) break
      const kernel = [
        between(random, 1, Math.min(3, shape[1]!)),
        between(random, 1, Math.min(3, shape[2]!)),
      ] as const
      const pad = (k: number): number => random.integer(k)
      const window = {
        kernel,
        strides: [between(random, 1, 2), between(random, 1, 2)] as const,
        pads: [pad(kernel[0]), pad(kernel[1]), pad(kernel[0]), pad(kernel[1])] as const,
        dilations: [1, 1] as const,
      }
      if (random.integer(2) === 0)
        return builder.add(name, {
          kind: 'pool',
          source,
          mode: pick(random, ['max', 'sum'] as const),
          window,
        })
      const groups = random.integer(3) === 0 ? shape[0]! : 1
      const outputs = groups * between(random, 1, 2)
      const size = (shape[0]! / groups) * kernel[0] * kernel[1]
      const weights = Int32Array.from({ length: outputs * size }, weight)
      const bias = Float64Array.from({ length: outputs }, () => between(random, -100, 100))
      return builder.add(name, { kind: 'conv', source, weights, bias, groups, window })
    }
    case 'sum': {
      const partner = earlier.filter((id) => builder.value(id).shape.join() === shape.join())
      const terms = [source, pick(random, partner)].map((id) => ({
        source: id,
        factor: pick(random, [1, 1, -1, 2, 3, -5]),
      }))
      return builder.add(name, { kind, terms })
    }
    case 'rearrange': {
      const length = between(random, 1, count + 2)
      const indices = Int32Array.from({ length }, () => random.integer(count + 1) - 1)
      return builder.add(name, { kind, source, indices }, [length])
    }
    case 'concat': {
      const partner = earlier.filter((id) => builder.value(id).shape.join() === shape.join())
      const axis = random.integer(shape.length)
      return builder.add(name, { kind, sources: [source, pick(random, partner)], axis })
    }
    case 'argmax': {
      const axis = random.integer(shape.length)
      return builder.add(name, { kind, source, axis, last: random.integer(2) === 0 })
    }
    case 'trees': {
      const targets = between(random, 1, 3)
      const trees = Array.from({ length: between(random, 1, 3) }, () => ({
        nodes: randomTree(random, count, all, targets),
      }))
      const base = Float64Array.from({ length: targets }, () => between(random, -50, 50))
      return builder.add(name, { kind, source, forest: { features: count, targets, trees, base } })
    }
    case 'constant': {
      const elements = Float64Array.from({ length: count }, () => between(random, -100, 100))
      const constant = builder.add('constant', { kind, elements }, shape)
      const terms = [
        { source, factor: pick(random, [1, -1]) },
        { source: constant, factor: 1 },
      ]
      return builder.add(name, { kind: 'sum', terms })
    }
  }
  return builder.add(name, { kind: 'map', source, functions: [randomFunction(random, all)] })
}

function randomTree(random: Random, features: number, range: Range, targets: number): TreeNode[] {
  const nodes: TreeNode[] = []
  const grow = (depth: number): number => {
    const at = nodes.length
    if (depth === 0 || random.integer(4) === 0) {
      const target = random.integer(targets)
      nodes.push({ kind: 'leaf', targets: [target], weights: [between(random, -500, 500)] })
      return at
    }
    nodes.push({ kind: 'leaf', targets: [], weights: [] })
    const feature = random.integer(features)
    const threshold = between(random, range.min - 1, range.max + 1)
    nodes[at] = { kind: 'branch', feature, threshold, below: grow(depth - 1), above: grow(depth - 1) }
    return at
  }
  grow(between(random, 0, random.integer(8) === 0 ? 7 : 4))
  return nodes
}

const roundings: readonly Rounding[] = ['half-even', 'floor', 'ceil', 'up', 'down', 'half-up', 'half-down']

/** A function that brings a wide range to a few bits. */
function shrinking(random: Random, range: Range): ScalarFunction {
  const shift = Math.ceil(Math.log2(Math.max(range.max, -range.min))) - between(random, 4, 9)
  return { kind: 'round', shift, rounding: pick(random, roundings), min: -(2 ** 30), max: 2 ** 30 }
}

/** Any function that is defined on the range, mostly one that uses several of its results. */
export function randomFunction(random: Random, range: Range): ScalarFunction {
  const bits = between(random, 1, 9)
  const size = range.max - range.min + 1
  const [min, max] = randomLimits(random, bits)
  // The shift that brings the range to about as many values as the limits allow.
  const fitting = Math.round(Math.log2(size)) - bits + between(random, -1, 1)
  switch (random.integer(8)) {
    case 0:
      return { kind: 'affine', multiply: between(random, -9, 9), add: between(random, -40, 40) }
    case 1:
    case 2:
      return { kind: 'round', shift: fitting, rounding: pick(random, roundings), min, max }
    case 3: {
      const extra = between(random, 0, 10)
      const sign = pick(random, [1, 1, -1])
      const multiply = sign * between(random, 2 ** extra, 2 ** (extra + 1))
      const shift = Math.max(0, fitting + extra)
      return { kind: 'multiply-shift', multiply, add: between(random, -5000, 5000), shift, min, max }
    }
    case 4: {
      const steps = between(random, 1, random.integer(3) === 0 ? 100 : 15)
      const places = { length: steps }
      const thresholds = Float64Array.from(places, () => between(random, range.min - 2, range.max + 2)).sort()
      const ascending = random.integer(2) === 0
      const unit = pick(random, [1, 1, 2, -1])
      const outputs = Float64Array.from({ length: steps + 1 }, (_, k) =>
        ascending ? k * unit - 3 : between(random, -50, 50),
      )
      return { kind: 'thresholds', thresholds, outputs }
    }
    case 5: {
      if (size > 3000) break
      const outputs = Float64Array.from({ length: size }, () => between(random, -90, 90))
      if (random.integer(2) === 0) outputs.sort()
      return { kind: 'table', first: range.min, outputs }
    }
  }
  const wide = random.integer(4) === 0
  const largest = wide ? between(random, 12, 15) : bits
  const multiplier = Math.fround(((0.5 + random.uniform()) * 2 ** largest) / size)
  const zeroPoint = between(random, -10, 10)
  return wide
    ? { kind: 'float32-scale', multiplier, zeroPoint, min: -32768, max: 32767 }
    : { kind: 'float32-scale', multiplier, zeroPoint, min, max }
}

function randomLimits(random: Random, bits: number): [number, number] {
  const span = 2 ** bits
  if (random.integer(4) > 0) return random.integer(2) === 0 ? [-span / 2, span / 2 - 1] : [0, span - 1]
  const [a, b] = [between(random, -span, span), between(random, -span, span)]
  return [Math.min(a, b), Math.max(a, b)]
}

/** Random functions side by side, one for each lane of a vector that uses its whole format. */
export function functionSegment(random: Random, bits: number, signed: boolean, lanes: number): GraphSegment {
  const builder = new GraphBuilder('functions')
  const port = { name: 'x', bits, signed, scales: [1], zeroPoint: 0 }
  const source = builder.input(port, [lanes])
  const range = builder.value(source).ranges[0]!
  const functions = Array.from({ length: lanes }, () => randomFunction(random, range))
  const value = builder.add('y', { kind: 'map', source, functions })
  builder.output({ ...port, name: 'y', value })
  return wholeSegment(builder.build())
}

/** A vector inside the ranges of the segment's source; often at their ends. */
export function randomInput({ graph, source }: GraphSegment, random: Random): Float64Array {
  const value = graph.values[source]!
  const count = elementCount(value.shape)
  const inner = count / (value.shape[0] ?? 1)
  const corner = random.integer(4) === 0
  return Float64Array.from({ length: count }, (_, i) => {
    const { min, max, step } = rangeOf(value, Math.floor(i / inner))
    if (corner) return random.integer(2) === 0 ? min : max
    return min + Math.floor(random.uniform() * ((max - min) / step + 1)) * step
  })
}
