import type { ScalarFunction } from '../graph/scalar-function.ts'
import type { LevelSteps } from './levels.ts'
import { type Condition, slopeLimits } from './slope-limits.ts'

type MultiplyShift = Extract<ScalarFunction, { kind: 'multiply-shift' }>

const largestMultiplier = 2 ** 24

/** Multipliers tried for each shift; one of the first few fits as soon as the interval of slopes holds one. */
const candidates = 4

/**
 * The rising step function as `clamp((x * multiply + add) >> shift, min, max)`, with the smallest shift that
 * meets every step exactly; undefined when no multiplier of at most 24 bits does. For a given multiplier the
 * conditions `x(start) reaches the level, x(start - step) does not` are an interval of addends.
 * @param outputs the integer of each level, ascending
 */
export function findMultiplyShift(
  steps: LevelSteps,
  outputs: readonly number[],
  step: number,
): MultiplyShift | undefined {
  const conditions: Condition[] = steps.starts.flatMap((start, k) =>
    Array.from({ length: outputs[k + 1]! - outputs[k]! }, (_, j) => ({
      start,
      below: steps.before?.[k] ?? start - step,
      reached: outputs[k]! + 1 + j,
    })),
  )
  const first = conditions[0]
  const last = conditions.at(-1)
  if (first === undefined || last === undefined || first.start === last.start) return undefined
  const slopes = slopeLimits(conditions)
  if (!(slopes.low < slopes.high)) return undefined
  for (let shift = 0; shift <= 40; shift++) {
    const power = 2 ** shift
    const from = Math.floor(slopes.low * power)
    if (from > largestMultiplier) return undefined
    const to = Math.min(from + candidates, Math.ceil(slopes.high * power))
    for (let multiply = Math.max(1, from); multiply <= to; multiply++) {
      const addends = addendLimits(conditions, multiply, power)
      if (addends === undefined) continue
      if (Math.abs(addends.low) + multiply * Math.abs(last.start) >= 2 ** 52) return undefined
      const add = roundest(addends.low, addends.high)
      return { kind: 'multiply-shift', multiply, add, shift, min: outputs[0]!, max: outputs.at(-1)! }
    }
  }
  return undefined
}

/** The addends with which a multiplier meets every condition. */
function addendLimits(
  conditions: readonly Condition[],
  multiply: number,
  power: number,
): { readonly low: number; readonly high: number } | undefined {
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  for (const { start, below, reached } of conditions) {
    low = Math.max(low, reached * power - multiply * start)
    high = Math.min(high, reached * power - 1 - multiply * below)
    if (low > high) return undefined
  }
  return { low, high }
}

/** An integer of the interval with many zeros at its end: cheap to add. */
function roundest(low: number, high: number): number {
  let power = 1
  while (Math.ceil(low / (power * 2)) * power * 2 <= high && power < 2 ** 40) power *= 2
  return Math.ceil(low / power) * power + 0
}
