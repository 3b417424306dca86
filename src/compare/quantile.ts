/**
 * Quantile by nearest rank: a latency that was really seen, never one between two. With fewer than 100
 * samples the 99 % quantile is the slowest frame. Null without samples.
 * @param q 0 ... 1
 */
export function quantile(samples: readonly number[], q: number): number | null {
  if (samples.length === 0) return null
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
}
