/** Quantiles of the time from handing a frame over to having its record, in ms. */
export interface LatencyQuantiles {
  readonly p50: number | null
  readonly p99: number | null
}

/** Speed of one device. */
export interface DeviceTiming {
  readonly address: string
  readonly framesPerSecond: number | null
  readonly pixelsPerSecond: number | null
  readonly latencyMs: LatencyQuantiles
}

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

/**
 * @param samples latencies in ms, one per frame
 * @param pixels pixels of all frames together
 * @param seconds how long the device worked on them; default: the sum of the latencies, which is right when
 * frames went through one at a time
 */
export function deviceTiming(
  address: string,
  samples: readonly number[],
  pixels: number,
  seconds: number = samples.reduce((sum, ms) => sum + ms, 0) / 1000,
): DeviceTiming {
  const known = samples.length > 0 && seconds > 0
  return {
    address,
    framesPerSecond: known ? samples.length / seconds : null,
    pixelsPerSecond: known ? pixels / seconds : null,
    latencyMs: { p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) },
  }
}
