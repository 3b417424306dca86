import { GemgateError } from '../../src/core/errors.ts'

/** Peaks of a signal-to-noise map in frames without light: at least the highest three per frame. */
export interface PeakTail {
  readonly frames: number
  readonly peaks: readonly number[]
}

/** Peaks per frame that tell how the tail falls: few enough to be the tail, enough to be counted. */
const tailPerFrame = 3

/**
 * The threshold that `rate` peaks per frame reach, which may be fewer than one in all frames: the squares of normal
 * deviates have an exponential tail, so the mean of peak^2 - start^2 over the highest peaks tells how fast their number
 * falls. Throws GG_SETTINGS with too few peaks.
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
  const tail = highest.subarray(0, count)
  const scale = tail.reduce((sum, peak) => sum + peak * peak - start * start, 0) / count
  return Math.sqrt(start * start + scale * Math.log(tailPerFrame / rate))
}
