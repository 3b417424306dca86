import type { ScalarFunction } from '../graph/scalar-function.ts'
import type { CertificateClass } from './certificate.ts'
import type { IntegerGrid, LevelSteps } from './levels.ts'
import { findMultiplyShift } from './multiply-shift.ts'

/** Beyond this many steps a comparator tree costs more than a multiplication. */
const manySteps = 31

/** Tables up to this many entries are worth it. */
const largestTable = 4096

/** A quantized chain as functions of integers, one after the other. */
export interface ClosedChain {
  readonly functions: readonly ScalarFunction[]
  readonly class: CertificateClass
  readonly reason: string
}

/** Why a chain cannot be closed: at this integer the oracle's result is open. */
export interface OpenChain {
  readonly undecided: number
}

/** Comparisons, a table or a multiplication that meets every step. */
export function closeBySteps(steps: LevelSteps, grid: IntegerGrid, how: string): ClosedChain {
  const { starts, levels } = steps
  const thresholds: ScalarFunction = {
    kind: 'thresholds',
    thresholds: Float64Array.from(starts),
    outputs: Float64Array.from(levels),
  }
  const found = { class: 'B', reason: `${starts.length} thresholds found by bisection ${how}` } as const
  if (starts.length <= manySteps) return { functions: [thresholds], ...found }
  const rising = levels.every((level, k) => k === 0 || level > levels[k - 1]!)
  const product = rising ? findMultiplyShift(steps, levels, grid.step) : undefined
  if (product?.multiply === 1 && product.add === 0)
    return {
      functions: [
        { kind: 'round', shift: product.shift, rounding: 'floor', min: product.min, max: product.max },
      ],
      class: 'B',
      reason: `a shift that meets all ${starts.length} steps found by bisection ${how}`,
    }
  if (product !== undefined)
    return {
      functions: [product],
      class: 'C',
      reason: `a multiplication and a shift that meet all ${starts.length} steps found by bisection ${how}`,
    }
  const entries = grid.max - grid.min + 1
  if (entries > largestTable) return { functions: [thresholds], ...found }
  let k = 0
  const outputs = Float64Array.from({ length: entries }, (_, i) => {
    while (k < starts.length && starts[k]! <= grid.min + i) k++
    return levels[k]!
  })
  return {
    functions: [{ kind: 'table', first: grid.min, outputs }],
    class: 'B',
    reason: `a table of ${entries} entries ${how}`,
  }
}
