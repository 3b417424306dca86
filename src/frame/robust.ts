/** MAD to standard deviation, for normal deviates. */
export const madToSigma = 1.4826

/** Standard deviation of the rounding to whole ADU: no noise estimate from integers means less than this. */
export const quantisationSigma = 1 / Math.sqrt(12)

/** Quantile of the first `count` values, which are sorted in place, with linear interpolation; 0 for none. */
export function quantileInPlace(values: Float32Array, count: number, q: number): number {
  if (count === 0) return 0
  const used = values.subarray(0, count).sort()
  const at = q * (count - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, count - 1)
  return used[below]! + (at - below) * (used[above]! - used[below]!)
}

/** Median of the first `count` values, which are sorted in place; 0 for none. */
export function medianInPlace(values: Float32Array, count = values.length): number {
  return quantileInPlace(values, count, 0.5)
}

/**
 * Median of integers as if each were spread evenly over its unit interval (grouped median), which resolves
 * fractions of an ADU where the plain median is a whole number. Sorts the first `count` values in place.
 */
export function groupedMedian(values: Uint16Array, count: number): number {
  const used = values.subarray(0, count).sort()
  const middle = used[count >> 1]!
  let first = count >> 1
  let last = first
  while (first > 0 && used[first - 1] === middle) first--
  while (last + 1 < count && used[last + 1] === middle) last++
  return middle - 0.5 + (count / 2 - first) / (last - first + 1)
}

export interface Spread {
  readonly median: number
  /** 1.4826 times the median absolute deviation. */
  readonly sigma: number
}

/** Median and robust standard deviation, from at most about a million values evenly spaced. */
export function spread(values: Float32Array): Spread {
  const step = Math.max(1, Math.floor(values.length / 1_000_000))
  const sample = new Float32Array(Math.ceil(values.length / step))
  for (let i = 0, k = 0; i < sample.length; i++, k += step) sample[i] = values[k]!
  const median = medianInPlace(sample)
  for (let i = 0; i < sample.length; i++) sample[i] = Math.abs(sample[i]! - median)
  return { median, sigma: madToSigma * medianInPlace(sample) }
}
