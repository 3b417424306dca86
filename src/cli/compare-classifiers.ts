import { classifierTiming } from '../compare/classifier-timing.ts'
import type { ClassifierFacts } from '../compare/collector.ts'
import type { Device, DeviceClassifier } from '../device/device.ts'
import { type EnergyMeterChoice, graphicsMeter, processorMeter } from '../device/energy-meter.ts'
import { featuresOf } from '../device/rescoring.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { featureCount } from '../trigger/features.ts'
import { Progress } from './progress.ts'

/** Clusters on which classifiers are measured alone, at most. */
const mostMeasured = 4096

/** The features of the first clusters of a run. */
export class MeasuredClusters {
  readonly #features = new Int8Array(featureCount * mostMeasured)
  #filled = 0

  add(record: Pick<EventRecord, 'clusters'>): void {
    const own = featuresOf(record).subarray(0, this.#features.length - this.#filled)
    this.#features.set(own, this.#filled)
    this.#filled += own.length
  }

  /** `[clusters][9]`, at most 4096 clusters. */
  get features(): Int8Array {
    return this.#features.subarray(0, this.#filled)
  }
}

/**
 * Measures the classifier of each device alone, on the same clusters. One that fails has no timing and says why.
 * @param features `[clusters][9]` of the clusters that were found
 */
export async function measureClassifiers(
  devices: readonly Device[],
  features: Int8Array,
  signal: AbortSignal,
): Promise<Map<string, ClassifierFacts>> {
  const facts = new Map<string, ClassifierFacts>()
  const meters = new Map<DeviceClassifier['processor'], EnergyMeterChoice>()
  const progress = new Progress('classifiers', devices.length)
  for (const { info, classifier } of devices) {
    signal.throwIfAborted()
    progress.advance(info.address)
    if (classifier === undefined || features.length === 0) {
      facts.set(info.address, { timing: null, reason: whyNot(info.address, classifier) })
      continue
    }
    const { processor } = classifier
    const meter = meters.get(processor) ?? (await (processor === 'gpu' ? graphicsMeter() : processorMeter()))
    meters.set(processor, meter)
    facts.set(info.address, await measure(classifier, features, meter))
  }
  progress.finish()
  return facts
}

async function measure(
  classifier: DeviceClassifier,
  features: Int8Array,
  meter: EnergyMeterChoice,
): Promise<ClassifierFacts> {
  try {
    const timing = await classifierTiming(classifier, features, { meter })
    return meter.meter === null ? { timing, reason: meter.reason } : { timing }
  } catch (error) {
    return { timing: null, reason: `it failed: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function whyNot(address: string, classifier: DeviceClassifier | undefined): string {
  if (classifier !== undefined) return 'no cluster was found in these frames'
  return address.startsWith('scores:')
    ? 'the scores were computed elsewhere'
    : 'it is inside the logic: its time is part of last pixel to result'
}
