import type { Digitizer } from './pmt-settings.ts'

/** Shape of the sum of the tubes' pulses; times in ns, heights in counts. */
export interface PulseFeatures {
  /** Counts times ns. */
  readonly integral: number
  /** From the first to the last sample over threshold around the peak. */
  readonly timeOverThreshold: number
  /** Standard deviation and third standardised moment of the time, weighted with the pulse. */
  readonly duration: number
  readonly skewness: number
  /** From 10 to 90 % of the peak before it, from 90 to 10 % after it. */
  readonly riseTime: number
  readonly fallTime: number
  /** Peak over integral, 1/ns. */
  readonly peakedness: number
}

/** Heights are taken from a running mean over this time, ns: single photo-electrons are shorter, pulses longer. */
const smoothing = 9

/** The threshold in standard deviations of the smoothed baseline, as CYGNO's `height_RMS` (ReadMe_PMT.md). */
const thresholdSigma = 5

/** A pulse ends where nothing is over threshold for this time, ns: what noise lifts over it elsewhere is left out. */
const pause = 100

/** Moments reach this far beyond the samples over threshold, ns. */
const margin = 15

/**
 * Features of the pulse on the sum of the waveforms, or null when no sample is over threshold. The first three quarters
 * of the time before the trigger tell baseline and noise.
 */
export function pulseFeatures(
  waveforms: readonly ArrayLike<number>[],
  digitizer: Digitizer,
): PulseFeatures | null {
  const { samples, interval, preTrigger } = digitizer
  const quiet = Math.floor(0.75 * preTrigger * samples)
  const sum = new Float64Array(samples)
  for (const waveform of waveforms) for (let i = 0; i < samples; i++) sum[i]! -= waveform[i]!
  const baseline = sum.subarray(0, quiet).reduce((total, v) => total + v, 0) / quiet
  for (let i = 0; i < samples; i++) sum[i]! -= baseline
  const smooth = runningMean(sum, Math.round(smoothing / interval / 2))
  const noise = Math.sqrt(smooth.subarray(0, quiet).reduce((total, v) => total + v * v, 0) / quiet)
  const peak = smooth.reduce((high, v) => Math.max(high, v), 0)
  if (peak <= thresholdSigma * noise) return null

  const over = around(smooth, peak, thresholdSigma * noise, Math.round(pause / interval))
  const reach = Math.round(margin / interval)
  const from = Math.max(0, over[0] - reach)
  const to = Math.min(samples, over[1] + 1 + reach)
  const moment = (power: number, centre: number): number => {
    let total = 0
    for (let i = from; i < to; i++) total += sum[i]! * (i - centre) ** power
    return total
  }
  const area = moment(0, 0)
  if (area <= 0) return null
  const centre = moment(1, 0) / area
  const variance = Math.max(1 / 12, moment(2, centre) / area)
  const [low, high] = [0.1, 0.9].map((part) => span(smooth, part * peak, over)) as [Span, Span]
  return {
    integral: area * interval,
    timeOverThreshold: (over[1] - over[0] + 1) * interval,
    duration: Math.sqrt(variance) * interval,
    skewness: moment(3, centre) / area / variance ** 1.5,
    riseTime: (high[0] - low[0]) * interval,
    fallTime: (low[1] - high[1]) * interval,
    peakedness: peak / (area * interval),
  }
}

/** First and last sample of a stretch. */
type Span = readonly [first: number, last: number]

/** The stretch with the peak in which samples above `level` are at most `gap` apart. */
function around(values: Float64Array, peak: number, level: number, gap: number): Span {
  const top = values.indexOf(peak)
  let [first, last] = [top, top]
  for (let i = top; i >= 0 && first - i <= gap; i--) if (values[i]! > level) first = i
  for (let i = top; i < values.length && i - last <= gap; i++) if (values[i]! > level) last = i
  return [first, last]
}

/** First and last sample above `level` within a stretch that has such. */
function span(values: Float64Array, level: number, [from, to]: Span): Span {
  const part = values.subarray(from, to + 1)
  return [from + part.findIndex((v) => v > level), from + part.findLastIndex((v) => v > level)]
}

/** Mean over 2 `half` + 1 samples; fewer at the ends. */
function runningMean(values: Float64Array, half: number): Float64Array {
  const sums = new Float64Array(values.length + 1)
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!
  return Float64Array.from(values, (_, i) => {
    const from = Math.max(0, i - half)
    const to = Math.min(values.length, i + half + 1)
    return (sums[to]! - sums[from]!) / (to - from)
  })
}
