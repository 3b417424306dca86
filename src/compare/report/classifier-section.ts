import { type DeviceTiming, statedClockHz } from '../timing.ts'
import { short, unmeasured } from './format.ts'
import { type Html, html, table } from './html.ts'
import type { ReportData } from './report-data.ts'

/** The same start and stop for every device. */
export function lastPixelTable({ result }: ReportData): Html {
  const rows = result.devices.map((device) => {
    const { address, lastPixelToResult: time, notMeasured } = device
    const from = time?.clocks == null ? "the host's clock" : 'clocks of the logic'
    return [
      html`<code>${address}</code>`,
      afterLastPixel(device, 'p50'),
      afterLastPixel(device, 'p99'),
      time === null ? (notMeasured.lastPixelToResult ?? '') : from,
    ]
  })
  return html`${table(['device', 'last pixel to result p50, µs', 'p99, µs', 'counted in'], rows, [1, 2])}
<p class="soft">The same start and stop for every device, from the last pixel of a frame to its result. A host gets the last pixel with the
whole frame and has everything left to do. Logic works on the stream of pixels and has only its end left; clocks are
taken at ${statedClockHz / 1e6} MHz, and the link to the host comes on top.</p>`
}

/** Classifiers alone: vectors in the host's memory to scores in the host's memory. */
export function classifierTable({ result }: ReportData): Html {
  const rows = result.devices.map(({ address, classifier, notMeasured }) => [
    html`<code>${address}</code>`,
    microseconds(classifier?.batch1LatencyUs.p50 ?? null),
    microseconds(classifier?.batch1LatencyUs.p99 ?? null),
    classifier === null ? unmeasured : `${classifier.bestBatch}`,
    short(classifier?.clustersPerSecond ?? null),
    classifier?.joulesPerCluster == null
      ? unmeasured
      : `${(1e6 * classifier.joulesPerCluster).toPrecision(3)}`,
    notMeasured.classifier ?? notMeasured.joulesPerCluster ?? '',
  ])
  const head = [
    ...['device', 'one cluster p50, µs', 'p99, µs', 'best batch', 'clusters/s', 'µJ per cluster'],
    'not measured, because',
  ]
  return html`${table(head, rows, [1, 2, 3, 4, 5])}
<p class="soft">The classifier alone, from features in the host's memory to scores in the host's memory; clusters/s and energy with the best
batch. Energy is that of the whole processor, idle power included. Logic classifies inside the stream of pixels: its time is
part of "last pixel to result".</p>`
}

/** Graphics processors that were looked for, and why they take no part. */
export function probedList({ result }: ReportData): Html | null {
  if (result.probed.length === 0) return null
  return html`<ul>${result.probed.map(
    ({ address, available, reason, remedy }) =>
      html`<li><code>${address}</code> ${available ? 'works here' : `is not here: ${reason}. ${remedy ?? ''}`}</li>`,
  )}</ul>`
}

/** Microseconds with three significant digits: `0.12`, `78.2`, `3129`. */
function microseconds(value: number | null): string {
  if (value === null) return unmeasured
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** `12.3 µs (369 clocks)`. */
function afterLastPixel({ lastPixelToResult: time }: DeviceTiming, quantile: 'p50' | 'p99'): string {
  if (time === null) return unmeasured
  const text = microseconds(quantile === 'p50' ? time.p50Us : time.p99Us)
  return time.clocks === null ? text : `${text} (${time.clocks[quantile]} clocks)`
}
