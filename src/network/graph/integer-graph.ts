import type { Forest } from './forest.ts'
import type { ScalarFunction } from './scalar-function.ts'

/**
 * The one intermediate form of the network compiler: a list of integer tensor operations in single
 * assignment, each reading only earlier ones. `evaluateGraph` is its meaning; certificates, estimates and
 * Verilog are all made from it.
 *
 * Every element is an integer below 2^53 in size (a double holds it). Shapes have no batch axis; axis 0 is
 * the channel (or the element of a vector), elements lie in row-major order.
 */
export interface IntegerGraph {
  readonly name: string
  readonly values: readonly Value[]
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
}

/** Number of a value: its index in `IntegerGraph.values`. */
export type ValueId = number

export interface Value {
  readonly id: ValueId
  /** The ONNX value or node that it comes from, for messages. */
  readonly name: string
  readonly shape: readonly number[]
  /** What its elements can be: one range for all, or one for each index of axis 0. Exact hulls. */
  readonly ranges: readonly Range[]
  readonly operation: Operation
}

/** All integers `min <= x <= max` that are multiples of `step`, a power of two of at least 1. */
export interface Range {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** A tensor at the border of the graph: how the host stores it and what it means. */
export interface Port {
  readonly name: string
  readonly value: ValueId
  readonly bits: number
  readonly signed: boolean
  /** Real value = (integer - zeroPoint) * scale; per tensor, or one scale for each index of axis 0. */
  readonly scales: readonly number[]
  readonly zeroPoint: number
}

/** A 2D window over axes 1 and 2 of `[channels, height, width]`, as in ONNX. */
export interface Window {
  readonly kernel: readonly [number, number]
  readonly strides: readonly [number, number]
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number]
  readonly dilations: readonly [number, number]
}

export type Operation =
  | { readonly kind: 'input' }
  | { readonly kind: 'constant'; readonly elements: Float64Array }
  /** `out[j] = bias[j] + sum_i weights[j * inputs + i] * x[i]`, x read as a vector whatever its shape. */
  | {
      readonly kind: 'dense'
      readonly source: ValueId
      /** Row-major `[outputs][inputs]`. */
      readonly weights: Int32Array
      readonly bias: Float64Array
    }
  /** Cross-correlation of `[C, H, W]` with `[M][C / groups][kh][kw]`; outside the picture x is 0. */
  | {
      readonly kind: 'conv'
      readonly source: ValueId
      readonly weights: Int32Array
      readonly bias: Float64Array
      readonly groups: number
      readonly window: Window
    }
  /** `max` ignores what lies outside the picture, `sum` takes it as 0. */
  | {
      readonly kind: 'pool'
      readonly source: ValueId
      readonly mode: 'max' | 'sum'
      readonly window: Window
    }
  /** `out[i] = sum_t factor_t * x_t[i]`, all of the same shape. */
  | { readonly kind: 'sum'; readonly terms: readonly { readonly source: ValueId; readonly factor: number }[] }
  /** One function for all elements, or one for each index of axis 0. */
  | { readonly kind: 'map'; readonly source: ValueId; readonly functions: readonly ScalarFunction[] }
  /** `out[i] = x[indices[i]]`, 0 where the index is -1; without indices the elements keep their order. */
  | { readonly kind: 'rearrange'; readonly source: ValueId; readonly indices?: Int32Array }
  /** Joins along `axis`. */
  | { readonly kind: 'concat'; readonly sources: readonly ValueId[]; readonly axis: number }
  /** Index of the largest element along `axis`; of equals the first, or the last. The axis becomes 1. */
  | { readonly kind: 'argmax'; readonly source: ValueId; readonly axis: number; readonly last: boolean }
  /** Decision trees on a vector; output j is the sum of leaf weights for target j. */
  | { readonly kind: 'trees'; readonly source: ValueId; readonly forest: Forest }

/** The values that an operation reads. */
export function operands(operation: Operation): readonly ValueId[] {
  switch (operation.kind) {
    case 'input':
    case 'constant':
      return []
    case 'sum':
      return operation.terms.map((term) => term.source)
    case 'concat':
      return operation.sources
    default:
      return [operation.source]
  }
}

/** The same operation on other values. */
export function mapOperands<O extends Operation>(operation: O, map: (id: ValueId) => ValueId): O {
  switch (operation.kind) {
    case 'input':
    case 'constant':
      return operation
    case 'sum':
      return { ...operation, terms: operation.terms.map((term) => ({ ...term, source: map(term.source) })) }
    case 'concat':
      return { ...operation, sources: operation.sources.map(map) }
    default:
      return { ...operation, source: map(operation.source) }
  }
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** The range of the elements with index `channel` on axis 0. */
export function rangeOf(value: Value, channel: number): Range {
  return value.ranges[value.ranges.length === 1 ? 0 : channel]!
}

/** The function of the elements with index `channel` on axis 0. */
export function functionOf(functions: readonly ScalarFunction[], channel: number): ScalarFunction {
  return functions[functions.length === 1 ? 0 : channel]!
}
