import type { Range } from '../../graph/integer-graph.ts'

/** Number of a node: its index in `ScalarNetlist.nodes`. */
export type NodeId = number

/**
 * One operation on single integers. Operands are earlier nodes; a node that stands for a truth value is 0 or 1.
 * Every node is one signal of exactly the bits of its range without the low bits that are always 0.
 */
export type ScalarOperation =
  | { readonly kind: 'input'; readonly lane: number }
  | { readonly kind: 'constant'; readonly value: number }
  /** `(a << shiftA) + (b << shiftB)`, with the operand named by `subtract` taken negative. */
  | {
      readonly kind: 'add'
      readonly a: NodeId
      readonly b: NodeId
      readonly shiftA: number
      readonly shiftB: number
      readonly subtract: 'none' | 'a' | 'b'
    }
  /** `a * 2^shift`, exact also for a negative shift: no logic, another name for the same bits. */
  | { readonly kind: 'scale'; readonly a: NodeId; readonly shift: number }
  /** `floor(a / 2^shift)` */
  | { readonly kind: 'floor'; readonly a: NodeId; readonly shift: number }
  /**
   * `q = floor(a / 2^shift)`, but `q - 1` where a is a multiple of 2^shift and q is odd: with `a = x + 2^(shift-1)`
   * that is x / 2^shift rounded half to even.
   */
  | { readonly kind: 'even'; readonly a: NodeId; readonly shift: number }
  | { readonly kind: 'clamp'; readonly a: NodeId; readonly min: number; readonly max: number }
  /** `a <= threshold` */
  | { readonly kind: 'at-most'; readonly a: NodeId; readonly threshold: number }
  /** `a > b`, or `a >= b` */
  | { readonly kind: 'greater'; readonly a: NodeId; readonly b: NodeId; readonly orEqual: boolean }
  | { readonly kind: 'select'; readonly condition: NodeId; readonly yes: NodeId; readonly no: NodeId }
  /** `outputs[(a - min) / step]` with min and step of a's range. */
  | { readonly kind: 'table'; readonly a: NodeId; readonly outputs: Float64Array }
  /** a rounded to `bits` significant bits, half to even: what a float does to an integer. */
  | { readonly kind: 'significant'; readonly a: NodeId; readonly bits: number }

export interface ScalarNode {
  readonly operation: ScalarOperation
  /** Holds whenever the inputs keep their ranges. */
  readonly range: Range
  /** The tensor that it belongs to, for signal names. */
  readonly label: string
}

/** A function from input lanes to output lanes as scalar operations in single assignment. */
export interface ScalarNetlist {
  /** Number of input lanes, also those that nothing reads. */
  readonly lanes: number
  readonly nodes: readonly ScalarNode[]
  /** The node of each output lane. */
  readonly outputs: readonly NodeId[]
}

/** The nodes that an operation reads. */
export function operandsOf(operation: ScalarOperation): readonly NodeId[] {
  switch (operation.kind) {
    case 'input':
    case 'constant':
      return []
    case 'add':
    case 'greater':
      return [operation.a, operation.b]
    case 'select':
      return [operation.condition, operation.yes, operation.no]
    default:
      return [operation.a]
  }
}

/** The same operation on other nodes. */
export function withOperands(operation: ScalarOperation, rename: (node: NodeId) => NodeId): ScalarOperation {
  switch (operation.kind) {
    case 'input':
    case 'constant':
      return operation
    case 'add':
    case 'greater':
      return { ...operation, a: rename(operation.a), b: rename(operation.b) }
    case 'select':
      return {
        ...operation,
        condition: rename(operation.condition),
        yes: rename(operation.yes),
        no: rename(operation.no),
      }
    default:
      return { ...operation, a: rename(operation.a) }
  }
}
