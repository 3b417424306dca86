/**
 * One two-input adder or subtractor over shifted values: `(a << shiftA) + (b << shiftB)`, with the operand
 * named by `subtract` taken negative. Operands are value numbers: inputs are 0 ... inputs-1, then the nodes in
 * order. Never both operands are negative, so that a node is one carry chain. The smaller shift is 0.
 */
export interface AdderNode {
  readonly a: number
  readonly b: number
  readonly shiftA: number
  readonly shiftB: number
  readonly subtract: 'none' | 'a' | 'b'
}

/** `value << shift`, negated where `negate`; `value` -1 is the constant 0. */
export interface AdderOutput {
  readonly value: number
  readonly shift: number
  readonly negate: boolean
}

/** A constant matrix times a vector as shifts, adders and subtractors. `evaluateAdderGraph` says what it means. */
export interface AdderGraph {
  readonly inputs: number
  readonly nodes: readonly AdderNode[]
  readonly outputs: readonly AdderOutput[]
}

/** The integers that an input takes: `min ... max`, all multiples of `2 ** step` (default 0). */
export interface InputRange {
  readonly min: number
  readonly max: number
  readonly step?: number
}

/** Signed 8-bit inputs, the default everywhere. */
export const defaultInput: InputRange = { min: -128, max: 127 }

/** Adders and subtractors; an output that must still be negated counts as one. */
export function adderCount(graph: AdderGraph): number {
  return graph.nodes.length + graph.outputs.filter((output) => output.negate && output.value >= 0).length
}
