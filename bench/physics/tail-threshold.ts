import { GemgateError } from '../../src/core/errors.ts'

/** Peaks of a signal-to-noise map in frames without light: at least the highest three per frame. */
export interface PeakTail {
  readonly frames: number
  readonly peaks: readonly number[]
}

/** Peaks per frame that tell how the tail falls: few enough to be the tail, enough to be counted. */
const tailPerFrame = 3

/** Exponents between which the tail's is looked for: 1 falls exponentially, 2 as a normal deviate's. */
const exponents = [0.05, 8] as const

/**
 * The threshold that `rate` peaks per frame reach. Above the third highest peak per frame, s, the number of peaks
 * above p is taken to fall as exp(-((p / s)^k - 1) / m), with both m and the exponent k from the peaks themselves
 * (maximum likelihood): weights that know of photoelectrons need not fall as a normal deviate does. With 300 frames and
 * a rate of 0.01 the scatter is 0.08 for a normal tail that reaches the rate at 5.2, and 0.14 for an exponential one
 * that reaches it at 7.2.
 * Throws GG_SETTINGS with too few peaks.
 */
export function thresholdAtRate({ frames, peaks }: PeakTail, rate: number): number {
  const count = tailPerFrame * frames
  const highest = Float64Array.from(peaks).sort().reverse()
  const start = highest[count]
  if (start === undefined || count < 10)
    throw new GemgateError(
      'GG_SETTINGS',
      `${peaks.length} peaks in ${frames} frames do not tell a threshold`,
      'Take more frames or lower peaks.',
    )
  const ratios = highest.subarray(0, count).map((peak) => peak / start)
  const exponent = tailExponent(ratios)
  const fall = mean(ratios.map((ratio) => ratio ** exponent - 1))
  return start * (1 + fall * Math.log(tailPerFrame / rate)) ** (1 / exponent)
}

/** Where the likelihood of the exponent, m being the best for each, stops to rise. */
function tailExponent(ratios: Float64Array): number {
  const meanLogarithm = mean(ratios.map(Math.log))
  let [low, high]: readonly [number, number] = exponents
  while (high - low > 1e-6) {
    const k = (low + high) / 2
    const powers = ratios.map((ratio) => ratio ** k)
    const weighted = mean(powers.map((power, i) => power * Math.log(ratios[i]!)))
    const slope = 1 / k + meanLogarithm - weighted / (mean(powers) - 1)
    if (slope > 0) low = k
    else high = k
  }
  return low
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
