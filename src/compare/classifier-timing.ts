import type { DeviceClassifier } from '../device/device.ts'
import type { EnergyMeterChoice } from '../device/energy-meter.ts'
import { featureCount } from '../trigger/features.ts'
import { quantile } from './quantile.ts'

/** Speed of a device's classifier: from vectors in the host's memory to scores in the host's memory. */
export interface ClassifierTiming {
  /** One cluster at a time. */
  readonly batch1LatencyUs: { readonly p50: number; readonly p99: number }
  /** Clusters per call with which most are classified per second. */
  readonly bestBatch: number
  /** With the best batch. */
  readonly clustersPerSecond: number
  /** With the best batch, whole processor, idle power included; null where no power is reported. */
  readonly joulesPerCluster: number | null
}

export interface ClassifierTimingOptions {
  /** Batches to try, ascending; default powers of 4 to 4096. */
  readonly batches?: readonly number[]
  /** Seconds to spend on each batch; default 0.1. */
  readonly seconds?: number
  /** Reads what the classifier's processor takes. */
  readonly meter?: EnergyMeterChoice
}

const usualBatches = [1, 4, 16, 64, 256, 1024, 4096]

/** Calls before any that counts: code and memory are warm then. */
const warmUpCalls = 3

/**
 * Measures a classifier alone. The vectors are repeated until they fill a batch.
 * @param features `[clusters][featureCount]`, at least one cluster
 */
export async function classifierTiming(
  classifier: DeviceClassifier,
  features: Int8Array,
  options: ClassifierTimingOptions = {},
): Promise<ClassifierTiming> {
  const { batches = usualBatches, seconds = 0.1, meter } = options
  const single = await callTimes(classifier, features.subarray(0, featureCount), 1, seconds)
  let best = { batch: 1, perSecond: rate(single, 1) }
  for (const batch of batches.filter((size) => size > 1)) {
    const times = await callTimes(classifier, repeated(features, batch), batch, seconds)
    const perSecond = rate(times, batch)
    if (perSecond > best.perSecond) best = { batch, perSecond }
  }
  return {
    batch1LatencyUs: { p50: 1000 * quantile(single, 0.5)!, p99: 1000 * quantile(single, 0.99)! },
    bestBatch: best.batch,
    clustersPerSecond: best.perSecond,
    joulesPerCluster: meter?.meter
      ? await energy(classifier, repeated(features, best.batch), best.batch, seconds, meter.meter)
      : null,
  }
}

/** Milliseconds of each call, for `seconds`. */
async function callTimes(
  classifier: DeviceClassifier,
  features: Int8Array,
  rows: number,
  seconds: number,
): Promise<number[]> {
  for (let i = 0; i < warmUpCalls; i++) await classifier.classify(features, rows)
  const times: number[] = []
  const end = performance.now() + 1000 * seconds
  for (let now = performance.now(); now < end || times.length === 0; ) {
    await classifier.classify(features, rows)
    const after = performance.now()
    times.push(after - now)
    now = after
  }
  return times
}

function rate(times: readonly number[], rows: number): number {
  return (1000 * rows * times.length) / times.reduce((sum, ms) => sum + ms, 0)
}

async function energy(
  classifier: DeviceClassifier,
  features: Int8Array,
  rows: number,
  seconds: number,
  meter: NonNullable<EnergyMeterChoice['meter']>,
): Promise<number | null> {
  const stop = await meter.start()
  let times: readonly number[]
  let joules: number
  try {
    times = await callTimes(classifier, features, rows, Math.max(seconds, meter.shortest))
  } finally {
    joules = await stop()
  }
  return Number.isFinite(joules) ? joules / (rows * (times.length + warmUpCalls)) : null
}

function repeated(features: Int8Array, rows: number): Int8Array {
  const result = new Int8Array(rows * featureCount)
  for (let i = 0; i < result.length; i++) result[i] = features[i % features.length]!
  return result
}
