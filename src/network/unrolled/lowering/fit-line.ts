import { digitCount } from '../../adder-graph/digits.ts'
import type { Steps } from './steps.ts'

/** `first + unit * clamp((x * multiply + add) >> shift, 0, number of steps)` */
export interface Line {
  readonly multiply: number
  readonly add: number
  readonly shift: number
  readonly first: number
  readonly unit: number
}

const longestShift = 32
/** Multipliers tried for one shift. */
const mostSlopes = 100
/** Thresholds that are compared with all others. */
const mostCompared = 300

/** Lines found before: lanes of one channel share their steps. */
const known = new WeakMap<Steps, Map<number, Line | undefined>>()

/**
 * A line that reaches every step exactly where the function does, with the fewest signed digits; undefined where
 * there is none. Its proof: the line is monotone, and right on both sides of every threshold.
 * @param grain arguments are multiples of it
 */
export function fitLine(steps: Steps, grain: number): Line | undefined {
  let lines = known.get(steps)
  if (lines === undefined) known.set(steps, (lines = new Map()))
  if (!lines.has(grain)) lines.set(grain, findLine(steps, grain))
  return lines.get(grain)
}

function findLine({ thresholds, outputs }: Steps, grain: number): Line | undefined {
  const [first, second] = [outputs[0]!, outputs[1]!]
  const unit = second - first
  if (!Number.isInteger(Math.log2(Math.abs(unit)))) return undefined
  if (outputs.some((output, k) => output !== first + k * unit)) return undefined
  const [flattest, steepest] = slopes(thresholds, grain)
  if (flattest > steepest) return undefined
  const largest = thresholds.reduce((most, threshold) => Math.max(most, Math.abs(threshold)), 1)
  let best: Line | undefined
  let cost = Number.POSITIVE_INFINITY
  for (let shift = 0, found = 0; shift <= longestShift && found < 3; shift++) {
    const size = 2 ** shift
    if (largest * size > 2 ** 50) break
    const from = Math.max(1, Math.floor(flattest * size))
    const to = Math.min(from + mostSlopes, Math.ceil(Math.min(steepest, 1) * size))
    let fits = false
    for (let multiply = from; multiply <= to; multiply++) {
      const add = offsetFor(thresholds, grain, multiply, size)
      if (add === undefined) continue
      fits = true
      const digits = digitCount(multiply) * 100 + shift
      if (digits < cost) {
        best = { multiply, add, shift, first, unit }
        cost = digits
      }
    }
    if (fits) found++
  }
  return best
}

/** Between which slopes a line must lie: every two thresholds bound it from both sides. */
function slopes(thresholds: readonly number[], grain: number): [flattest: number, steepest: number] {
  let flattest = 0
  let steepest = Number.POSITIVE_INFINITY
  // Near ones bound it hardly; of long lists far pairs are enough for a first bound.
  const stride = Math.ceil(thresholds.length / mostCompared)
  for (let j = 0; j < thresholds.length; j += stride)
    for (let k = j + 1; k < thresholds.length; k++) {
      const distance = thresholds[k]! - thresholds[j]!
      flattest = Math.max(flattest, (k - j) / (distance + grain))
      if (distance > grain) steepest = Math.min(steepest, (k - j) / (distance - grain))
    }
  return [flattest, steepest]
}

/** Of the offsets that put every threshold k at `k * size`, one with many zeros at its end. */
function offsetFor(
  thresholds: readonly number[],
  grain: number,
  multiply: number,
  size: number,
): number | undefined {
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  for (let k = 0; k < thresholds.length; k++) {
    const goal = (k + 1) * size
    const threshold = thresholds[k]!
    low = Math.max(low, goal - multiply * threshold)
    high = Math.min(high, goal - 1 - multiply * (threshold - grain))
    if (low > high) return undefined
  }
  if (low <= 0 && high >= 0) return 0
  let add = low
  for (let unit = 2; ; unit *= 2) {
    const rounded = Math.ceil(low / unit) * unit
    if (rounded > high) break
    add = rounded
  }
  return add + 0
}
