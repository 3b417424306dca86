import type { ClassifierTiming } from './classifier-timing.ts'
import { quantile } from './quantile.ts'

/** Quantiles of the time from handing a frame over to having its record, in ms. */
export interface LatencyQuantiles {
  readonly p50: number | null
  readonly p99: number | null
}

/** Speed of one device on frames that are handed over whole. */
export interface FrameTiming {
  readonly address: string
  readonly framesPerSecond: number | null
  readonly pixelsPerSecond: number | null
  readonly latencyMs: LatencyQuantiles
}

/**
 * From the last pixel of a frame to its result: the same start and stop for every device. A host has the last
 * pixel when the frame is handed over, and everything is still to be done; logic that works on the stream of
 * pixels has only its end left.
 */
export interface LastPixelToResult {
  readonly p50Us: number
  readonly p99Us: number
  /** Clocks of the logic that the times follow from; null: the times are those of the host's clock. */
  readonly clocks: { readonly p50: number; readonly p99: number; readonly clockHz: number } | null
}

/** Speed of one device. Null stands where something was not measured, and `notMeasured` says why. */
export interface DeviceTiming extends FrameTiming {
  readonly lastPixelToResult: LastPixelToResult | null
  readonly classifier: ClassifierTiming | null
  readonly notMeasured: {
    readonly lastPixelToResult?: string
    readonly classifier?: string
    readonly joulesPerCluster?: string
  }
}

/** Clock for times of logic that has none of its own: one pixel per clock keeps up with LIME's 28.8 Mpixel/s. */
export const statedClockHz = 30_000_000

/**
 * @param latencies of frames on the host's clock, in ms
 * @param clocks of the logic after the last pixel, one per frame; empty where nothing counts them
 */
export function lastPixelToResult(
  latencies: readonly number[],
  clocks: readonly number[],
): LastPixelToResult | null {
  const counted = clocks.length > 0
  const samples = counted ? clocks : latencies
  if (samples.length === 0) return null
  const [p50, p99] = [quantile(samples, 0.5)!, quantile(samples, 0.99)!]
  const us = counted ? 1e6 / statedClockHz : 1000
  return {
    p50Us: p50 * us,
    p99Us: p99 * us,
    clocks: counted ? { p50, p99, clockHz: statedClockHz } : null,
  }
}

/**
 * @param samples latencies in ms, one per frame
 * @param pixels pixels of all frames together
 * @param seconds how long the device worked on them; default: the sum of the latencies, which is right when
 * frames went through one at a time
 */
export function frameTiming(
  address: string,
  samples: readonly number[],
  pixels: number,
  seconds: number = samples.reduce((sum, ms) => sum + ms, 0) / 1000,
): FrameTiming {
  const known = samples.length > 0 && seconds > 0
  return {
    address,
    framesPerSecond: known ? samples.length / seconds : null,
    pixelsPerSecond: known ? pixels / seconds : null,
    latencyMs: { p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) },
  }
}
