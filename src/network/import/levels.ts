import { GemgateError } from '../../core/errors.ts'
import { type Chain, direction } from './chain.ts'
import { evaluateApproximately, evaluateExactly, evaluateFloat32 } from './evaluate-chain.ts'
import { approximateLevel, boundaryBelow, float32Level, levelLimits, type Quantizer } from './quantizer.ts'
import { compareIntervals, type RationalInterval } from './rational.ts'

/**
 * How the level of an integer is found.
 * - 'float32': every operation rounded once to float32;
 * - 'exact': real numbers;
 * - 'any-float': every evaluation in float32, in any order, with or without fused multiply-adds, and with
 *   approximations of transcendental functions up to `smoothError`; undecided where they could disagree.
 */
export type Arithmetic = 'float32' | 'exact' | 'any-float'

/** The error of a runtime's Sigmoid or Tanh that 'any-float' allows for. */
export const smoothError: number = 2 ** -20

/** The level of integer q, or undefined when the arithmetic leaves it open. */
export function levelAt(
  chain: Chain,
  quantizer: Quantizer,
  arithmetic: Arithmetic,
  q: number,
): number | undefined {
  if (arithmetic === 'float32') return float32Level(quantizer, evaluateFloat32(chain, q))
  const rounding = arithmetic === 'exact' ? undefined : { epsilon: 2 ** -22, smooth: smoothError }
  const { value, error } = evaluateApproximately(chain, q, rounding)
  const slack = (x: number): number => error + Math.abs(x) * (arithmetic === 'exact' ? 2 ** -50 : 2 ** -22)
  const level = approximateLevel(quantizer, value)
  const [min, max] = levelLimits(quantizer)
  const clear = (at: number): boolean => {
    const boundary = boundaryBelow(quantizer, at).approximate
    return Math.abs(value - boundary) > slack(boundary)
  }
  if ((level === min || clear(level)) && (level === max || clear(level + 1))) return level
  return arithmetic === 'exact' ? exactLevel(quantizer, evaluateExactly(chain, q), level) : undefined
}

/** The level of an exact number, beginning the search at a guess next to it. */
export function exactLevel(quantizer: Quantizer, x: RationalInterval, guess: number): number | undefined {
  const [min, max] = levelLimits(quantizer)
  let level = guess
  while (level < max) {
    const reached = reaches(quantizer, x, level + 1)
    if (reached === undefined) return undefined
    if (!reached) break
    level++
  }
  while (level > min) {
    const reached = reaches(quantizer, x, level)
    if (reached === undefined) return undefined
    if (reached) break
    level--
  }
  return level
}

function reaches(quantizer: Quantizer, x: RationalInterval, level: number): boolean | undefined {
  const boundary = boundaryBelow(quantizer, level)
  const side = compareIntervals(x, boundary.exact())
  if (side === undefined) return undefined
  return side > 0 || (side === 0 && boundary.inclusive)
}

/** A step function on the multiples of a step: `outputs[k]` from `starts[k - 1]` on. */
export interface LevelSteps {
  readonly starts: readonly number[]
  /** The point before each start; one step of the grid below it when left out. */
  readonly before?: readonly number[]
  readonly levels: readonly number[]
}

/** The multiples of `step` from `min` to `max`. */
export interface IntegerGrid {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** Steps beyond those of a 16-bit quantizer are not collected, nor more points looked at one by one. */
const mostSteps = 2 ** 17
const mostPoints = 2 ** 21

function tooMany(what: string): GemgateError {
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `a quantizer with a scale that is no shift has more than ${what}`,
    'Quantize to 16 bits or fewer, or with power-of-two scales.',
  )
}

/**
 * All levels of a monotone chain on a grid of integers, by bisection between points of different level;
 * both neighbours of every step are evaluated. Answers the first undecided integer instead, if any.
 * @throws GemgateError GG_MODEL_UNSUPPORTED beyond 2^17 steps
 */
export function findSteps(
  chain: Chain,
  grid: IntegerGrid,
  level: (q: number) => number | undefined,
): LevelSteps | { readonly undecided: number } {
  const begin = Math.ceil(grid.min / grid.step)
  const last = Math.max(0, Math.floor(grid.max / grid.step) - begin)
  const at = (i: number): number => (begin + i) * grid.step + 0
  const starts: number[] = []
  let undecided: number | undefined
  const levelOf = (i: number): number => {
    const found = level(at(i))
    if (found === undefined) undecided ??= at(i)
    return found ?? 0
  }
  const first = levelOf(0)
  const levels = [first]
  if (chain.some((step) => step.kind === 'smooth')) {
    // A runtime's approximation need not be monotone: every point is looked at.
    if (last > mostPoints) throw tooMany(`${mostPoints} points`)
    for (let i = 1; i <= last; i++) {
      const next = levelOf(i)
      if (next === levels.at(-1)) continue
      starts.push(at(i))
      levels.push(next)
    }
  } else if (direction(chain) !== 0) {
    const between = (low: number, lowLevel: number, high: number, highLevel: number): void => {
      if (lowLevel === highLevel || undecided !== undefined) return
      if (starts.length > mostSteps) throw tooMany(`${mostSteps} steps`)
      if (high === low + 1) {
        starts.push(at(high))
        levels.push(highLevel)
        return
      }
      const middle = Math.floor((low + high) / 2)
      const middleLevel = levelOf(middle)
      between(low, lowLevel, middle, middleLevel)
      between(middle, middleLevel, high, highLevel)
    }
    if (last > 0) between(0, first, last, levelOf(last))
  }
  return undecided === undefined ? { starts, levels } : { undecided }
}
