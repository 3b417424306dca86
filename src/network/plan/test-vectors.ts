import { Random } from '../../core/random.ts'
import { evaluateGraph } from '../graph/evaluate-graph.ts'
import { elementCount, type IntegerGraph, rangeOf } from '../graph/integer-graph.ts'

/** One tensor in, one out. */
export interface TestVector {
  readonly input: Float64Array
  readonly output: Float64Array
}

/**
 * Inputs of a graph: all lowest, all highest, zero (or the nearest), alternating ends, single elements at
 * their ends, sparse ones, and uniform ones; deterministic by seed.
 */
export function testInputs(graph: IntegerGraph, count: number, seed = 1): Float64Array[] {
  const value = graph.values[graph.inputs[0]!.value]!
  const size = elementCount(value.shape)
  const inner = size / (value.shape[0] ?? 1)
  const random = new Random(seed)
  const range = (i: number) => rangeOf(value, Math.floor(i / inner))
  const low = (i: number): number => range(i).min
  const high = (i: number): number => range(i).max
  const zero = (i: number): number => Math.max(low(i), Math.min(0, high(i)))
  const uniform = (i: number): number => {
    const { min, max, step } = range(i)
    return min + step * random.integer(Math.floor((max - min) / step) + 1)
  }
  const edges: ((i: number) => number)[] = [
    low,
    high,
    zero,
    (i) => (i % 2 === 0 ? low(i) : high(i)),
    (i) => (i % 2 === 0 ? high(i) : low(i)),
  ]
  return Array.from({ length: count }, (_, n) => {
    const edge = edges[n]
    if (edge !== undefined) return Float64Array.from({ length: size }, (_, i) => edge(i))
    const kind = random.integer(4)
    const single = random.integer(size)
    return Float64Array.from({ length: size }, (_, i) => {
      if (kind === 0) return i === single ? (random.integer(2) === 0 ? low(i) : high(i)) : zero(i)
      if (kind === 1) return random.integer(4) === 0 ? uniform(i) : zero(i)
      if (kind === 2) return random.integer(2) === 0 ? low(i) : high(i)
      return uniform(i)
    })
  })
}

/** Inputs with what the specification makes of them. */
export function testVectors(graph: IntegerGraph, count: number, seed = 1): TestVector[] {
  return testInputs(graph, count, seed).map((input) => ({ input, output: evaluateGraph(graph, [input])[0]! }))
}
