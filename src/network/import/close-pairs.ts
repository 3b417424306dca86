import type { Chain, Step } from './chain.ts'
import { type ClosedChain, closeBySteps, type OpenChain } from './close-steps.ts'
import { evaluateFloat32 } from './evaluate-chain.ts'
import { type Arithmetic, type IntegerGrid, levelAt } from './levels.ts'
import type { PairSums } from './pair-sums.ts'
import { levelOutput, type Quantizer } from './quantizer.ts'

/** At most this many pairs are looked at. */
const mostPairs = 2 ** 18

export interface PairOperand {
  readonly chain: Chain
  readonly grid: IntegerGrid
  readonly factor: number
}

/** All pairs of two operands, or undefined when there are too many. */
export function allPairs(a: PairOperand, b: PairOperand): PairSums | undefined {
  const [as, bs] = [points(a.grid), points(b.grid)]
  if (as.length * bs.length > mostPairs) return undefined
  const [x, y] = [as.map((q) => evaluateFloat32(a.chain, q)), bs.map((q) => evaluateFloat32(b.chain, q))]
  const count = as.length * bs.length
  const keys = new Float64Array(count)
  const sums = new Float64Array(count)
  for (let i = 0, k = 0; i < as.length; i++)
    for (let j = 0; j < bs.length; j++, k++) {
      keys[k] = as[i]! * a.factor + bs[j]! * b.factor
      sums[k] = Math.fround(x[i]! + y[j]!)
    }
  const order = Uint32Array.from(keys.keys()).sort((i, j) => keys[i]! - keys[j]!)
  const integers: number[] = []
  const lowest: number[] = []
  const highest: number[] = []
  for (const i of order) {
    const last = integers.length - 1
    if (integers[last] === keys[i]) {
      lowest[last] = Math.min(lowest[last]!, sums[i]!)
      highest[last] = Math.max(highest[last]!, sums[i]!)
    } else {
      integers.push(keys[i]!)
      lowest.push(sums[i]!)
      highest.push(sums[i]!)
    }
  }
  return {
    integers: Float64Array.from(integers),
    lowest: Float64Array.from(lowest),
    highest: Float64Array.from(highest),
  }
}

function points({ min, max, step }: IntegerGrid): Float64Array {
  const begin = Math.ceil(min / step)
  return Float64Array.from({ length: Math.floor(max / step) - begin + 1 }, (_, i) => (begin + i) * step)
}

/**
 * Quantizes a sum of pairs: looks at every pair, and is open where two pairs with the same integer have
 * different results or where the results do not rise with the integers.
 */
export function closePairs(
  sums: PairSums,
  after: readonly Step[],
  quantizer: Quantizer,
  arithmetic: Arithmetic,
): ClosedChain | OpenChain {
  const starts: number[] = []
  const before: number[] = []
  const levels: number[] = []
  for (let i = 0; i < sums.integers.length; i++) {
    const low = levelAt(after, quantizer, arithmetic, sums.lowest[i]!)
    const high = levelAt(after, quantizer, arithmetic, sums.highest[i]!)
    const previous = levels.at(-1)
    if (low === undefined || low !== high || (previous !== undefined && low < previous))
      return { undecided: sums.integers[i]! }
    if (low === previous) continue
    if (previous !== undefined) {
      starts.push(sums.integers[i]!)
      before.push(sums.integers[i - 1]!)
    }
    levels.push(low)
  }
  const grid = { min: sums.integers[0]!, max: sums.integers.at(-1)!, step: 1 }
  const outputs = levels.map((level) => levelOutput(quantizer, level))
  return closeBySteps(
    { starts, before, levels: outputs },
    grid,
    `over all ${sums.integers.length} sums of two operands`,
  )
}
