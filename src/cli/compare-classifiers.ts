import { classifierTiming } from '../compare/classifier-timing.ts'
import type { ClassifierFacts } from '../compare/collector.ts'
import type { Device, DeviceClassifier } from '../device/device.ts'
import { type EnergyMeterChoice, graphicsMeter, processorMeter } from '../device/energy-meter.ts'
import { Progress } from './progress.ts'

/**
 * Measures the classifier of each device alone, on the same clusters.
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
    const timing = await classifierTiming(classifier, features, { meter })
    facts.set(info.address, meter.meter === null ? { timing, reason: meter.reason } : { timing })
  }
  progress.finish()
  return facts
}

function whyNot(address: string, classifier: DeviceClassifier | undefined): string {
  if (classifier !== undefined) return 'no cluster was found in these frames'
  return address.startsWith('scores:')
    ? 'the scores were computed elsewhere'
    : 'it is inside the logic: its time is part of last pixel to result'
}
