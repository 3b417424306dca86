import { exactLimit } from '../import/float-exact.ts'
import { inexact } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { leavesOf, type TreeEnsemble } from './ensemble.ts'

/** Why the float sums of an ensemble are exact: every weight is an integer times one power of two. */
export interface LeafGrid {
  /** Score = integer * 2^exponent. */
  readonly exponent: number
  /** Per target: the largest possible sum of |weights| and |base|, in grid steps; all below 2^24. */
  readonly bounds: readonly number[]
}

/** Numbers below 2^-126 are subnormal, which some machines flush to zero. */
const smallestExponent = -126

/**
 * Finds the grid.
 * @param offset what a classifier adds to a score afterwards
 * @throws GemgateError GG_MODEL_INEXACT when sums could be rounded, or the average divides by no power of two
 */
export function leafGrid(ensemble: TreeEnsemble, offset: 0 | 1, node: OnnxNode): LeafGrid {
  const remedy =
    'Round the leaf weights onto a grid first: snapLeaves(model, fractionBits), and check the accuracy.'
  const divisor = ensemble.average ? Math.log2(ensemble.trees.length) : 0
  if (!Number.isInteger(divisor))
    throw inexact(
      node,
      `the average divides by ${ensemble.trees.length} trees, which float arithmetic rounds`,
      'Use a number of trees that is a power of two, or the aggregate function SUM.',
    )
  const weights = ensemble.trees.flatMap((tree) =>
    leavesOf(tree).flatMap((leaf) => leaf.weights.map(({ weight }) => weight)),
  )
  const exponents = [
    ...weights.filter((w) => w !== 0).map((w) => lowestBit(w) - divisor),
    ...[...(ensemble.base ?? []), offset].filter((b) => b !== 0).map(lowestBit),
  ]
  const exponent = exponents.reduce((least, e) => Math.min(least, e), Number.POSITIVE_INFINITY)
  if (exponent === Number.POSITIVE_INFINITY) return { exponent: 0, bounds: Array(ensemble.targets).fill(0) }
  const bounds = largestSums(ensemble, exponent, divisor).map((sum) => sum + offset / 2 ** exponent)
  const worst = bounds.reduce((most, bound) => Math.max(most, bound), 0)
  if (worst >= exactLimit || exponent < smallestExponent)
    throw inexact(
      node,
      `leaf weights are multiples of 2^${exponent}, and sums can reach ${Math.ceil(worst)} of them: float32 arithmetic would round`,
      remedy,
    )
  return { exponent, bounds }
}

function largestSums(ensemble: TreeEnsemble, exponent: number, divisor: number): number[] {
  const sums = Array.from(
    { length: ensemble.targets },
    (_, target) => Math.abs(ensemble.base?.[target] ?? 0) / 2 ** exponent,
  )
  for (const tree of ensemble.trees) {
    const most = new Map<number, number>()
    for (const { weights } of leavesOf(tree))
      for (const { target, weight } of weights)
        most.set(target, Math.max(most.get(target) ?? 0, Math.abs(weight)))
    for (const [target, weight] of most) sums[target]! += weight / 2 ** (exponent + divisor)
  }
  return sums
}

/** Exponent of the lowest set bit of a finite number other than 0. */
export function lowestBit(x: number): number {
  let exponent = Math.max(-1074, Math.floor(Math.log2(Math.abs(x))) - 53)
  while (Number.isInteger(x / 2 ** (exponent + 1))) exponent++
  return exponent
}
