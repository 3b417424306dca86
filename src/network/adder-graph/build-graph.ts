import {
  type AdderGraph,
  type AdderNode,
  type AdderOutput,
  defaultInput,
  type InputRange,
} from './adder-graph.ts'
import { signedDigits } from './digits.ts'
import { rangeBits } from './measure.ts'
import type { SharedSums, Term } from './sums.ts'

/** An operand on its way into the tree: `value << shift`, negative where `negative`. */
interface Operand {
  readonly value: number
  readonly shift: number
  readonly negative: boolean
  readonly min: number
  readonly max: number
  readonly step: number
  readonly depth: number
}

export interface BuildOptions {
  readonly ranges?: readonly InputRange[]
  /** Depth at which each input arrives, default 0. */
  readonly arrival?: readonly number[]
  /** Deepest that an output may be. */
  readonly maxDepth?: number
}

/** Longest sum for which every pair is tried; longer ones are shortened from the front of a sorted list first. */
const fullSearch = 40

/** Sums as adders: inside each sum the cheapest pair (in carry chain bits) is joined as long as depth allows. */
export function buildGraph(sums: SharedSums, options: BuildOptions = {}): AdderGraph {
  const nodes: AdderNode[] = []
  const values: Operand[] = Array.from({ length: sums.inputs }, (_, i) => {
    const { min, max, step } = { step: 0, ...(options.ranges?.[i] ?? defaultInput) }
    return { value: i, shift: 0, negative: false, min, max, step, depth: options.arrival?.[i] ?? 0 }
  })
  const join = (a: Operand, b: Operand): Operand => {
    const low = Math.min(a.shift, b.shift)
    const shiftA = a.shift - low
    const shiftB = b.shift - low
    const subtract = a.negative === b.negative ? 'none' : a.negative ? 'a' : 'b'
    nodes.push({ a: a.value, b: b.value, shiftA, shiftB, subtract })
    const { min, max, step } = merged(a, b)
    const scale = 2 ** -low
    return {
      value: sums.inputs + nodes.length - 1,
      shift: low,
      negative: a.negative && b.negative,
      min: min * scale,
      max: max * scale,
      step,
      depth: Math.max(a.depth, b.depth) + 1,
    }
  }
  const add = (terms: readonly Term[], limit: number): Operand => {
    const operands = terms.flatMap(({ value, factor }) =>
      signedDigits(factor).map(({ shift, sign }) => {
        const of = values[value]!
        return { ...of, shift: of.shift + shift, negative: of.negative !== sign < 0 }
      }),
    )
    return addAll(operands, limit, join)
  }
  for (const terms of sums.shared) values.push(add(terms, minimalDepth(values, terms)))
  const outputs = sums.outputs.map((terms): AdderOutput => {
    if (terms.length === 0) return { value: -1, shift: 0, negate: false }
    const { value, shift, negative } = add(terms, options.maxDepth ?? Number.POSITIVE_INFINITY)
    return { value, shift, negate: negative }
  })
  return { inputs: sums.inputs, nodes, outputs }
}

/** The least depth of a sum: a binary tree holds a digit of depth d in a share of 2^d (Kraft). */
function minimalDepth(values: readonly Operand[], terms: readonly Term[]): number {
  let share = 0
  for (const { value, factor } of terms) share += signedDigits(factor).length * 2 ** values[value]!.depth
  return Math.ceil(Math.log2(share))
}

function addAll(operands: Operand[], limit: number, join: (a: Operand, b: Operand) => Operand): Operand {
  const room = Number.isFinite(limit) ? 2 ** limit : Number.POSITIVE_INFINITY
  let share = operands.reduce((sum, { depth }) => sum + 2 ** depth, 0)
  operands.sort((p, q) => p.depth - q.depth || p.shift - q.shift)
  while (operands.length > 1) {
    const among = Math.min(operands.length, fullSearch)
    let best = Number.POSITIVE_INFINITY
    let first = 0
    let second = 1
    for (let i = 0; i < among; i++)
      for (let k = i + 1; k < among; k++) {
        const p = operands[i]!
        const q = operands[k]!
        if (share + Math.abs(2 ** p.depth - 2 ** q.depth) > room) continue
        const cost = joinCost(p, q)
        if (cost < best) {
          best = cost
          first = i
          second = k
        }
      }
    const p = operands[first]!
    const q = operands[second]!
    share += Math.abs(2 ** p.depth - 2 ** q.depth)
    operands.splice(second, 1)
    operands.splice(first, 1)
    const sum = join(p, q)
    const at = operands.findIndex((other) => other.depth > sum.depth)
    operands.splice(at < 0 ? operands.length : at, 0, sum)
  }
  return operands[0]!
}

/** Range of the sum of two operands, at their own scale. */
function merged(a: Operand, b: Operand): { min: number; max: number; step: number } {
  const factorA = 2 ** a.shift
  const factorB = 2 ** b.shift
  const low = Math.min(a.shift, b.shift)
  const step = Math.min(a.step + a.shift, b.step + b.shift) - low
  if (a.negative === b.negative)
    return { min: a.min * factorA + b.min * factorB, max: a.max * factorA + b.max * factorB, step }
  return b.negative
    ? { min: a.min * factorA - b.max * factorB, max: a.max * factorA - b.min * factorB, step }
    : { min: b.min * factorB - a.max * factorA, max: b.max * factorB - a.min * factorA, step }
}

/** Carry chain bits of joining two operands; ties go to the earlier pair. */
function joinCost(a: Operand, b: Operand): number {
  const lowA = a.shift + a.step
  const lowB = b.shift + b.step
  // The part below the later start is wires, unless the earlier one is subtracted.
  const early = lowA < lowB ? a : b
  const reversed = a.negative !== b.negative && early.negative
  const wires = reversed ? Math.min(lowA, lowB) : Math.max(lowA, lowB)
  return rangeBits(merged(a, b)) - wires
}
