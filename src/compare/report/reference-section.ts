import type { ReferenceSummary } from '../reference/comparison.ts'
import type { RegionSummary } from '../reference/region-tally.ts'
import { count, milliseconds, percent, short, unmeasured } from './format.ts'
import { type Html, html, table } from './html.ts'
import type { ReportData } from './report-data.ts'

/** CYGNO's offline chain and online trigger beside the regions of the reference device, on the same frames. */
export function referenceTable({ chain: summary, reference }: ReportData): Html {
  if (summary === null) return html`<p>CYGNO’s offline chain did not run.</p>`
  const { chain, device, tileTrigger } = summary
  const rows = [
    row(html`regions of <code>${reference}</code>`, device),
    row(html`CYGNO’s offline chain`, chain),
    ...(tileTrigger === null ? [] : [row(html`CYGNO’s tile trigger, whole frames`, tileTrigger)]),
  ]
  const head = [
    '',
    'regions',
    'deposits inside',
    'signal kept',
    'area discarded',
    'false in empty frames',
    'ms per frame',
  ]
  return html`${table(head, rows, [1, 2, 3, 4, 5, 6])}
<p class="soft">${count(chain.frames, 'frame')} of this comparison${chain.emptyFrames > 0 && `, ${count(chain.emptyFrames, 'frame')} without light`}. Signal and area as everywhere here: boxes with the same margin, simulated
light, means over frames; a deposit is inside with half of its light. Times are the median on this machine, ${tileTrigger !== null && 'the tile trigger’s is part of the device’s, '}the chain’s as TypeScript on one core.</p>
<p class="soft">The chain is CYGNUS-RD/reconstruction (winter23)${stepsOf(summary)}. Its search along straight tracks is left out. The
cuts are in ADU of the camera: they mean nothing for pictures in other units.</p>`
}

function row(name: Html, summary: RegionSummary): (string | Html)[] {
  const { deposits, depositsFound, emptyFrames, falseClusters } = summary
  return [
    name,
    `${summary.clusters}`,
    deposits === null ? unmeasured : `${depositsFound} of ${deposits}`,
    percent(summary.signalKept),
    percent(summary.areaDiscarded, 2),
    emptyFrames === 0
      ? unmeasured
      : `${falseClusters} in ${emptyFrames} (${short(falseClusters / emptyFrames)})`,
    milliseconds(summary.msPerFrame),
  ]
}

function stepsOf({ settings, signalAccepted }: ReferenceSummary): string {
  const { acceptedRows, binning, minimumNeighbourMean, minimumWeight, radius, sigma } = settings
  const rows =
    acceptedRows === null
      ? 'all rows'
      : `only the rows ${acceptedRows[0]} to ${acceptedRows[1] - 1}, as CYGNO does` +
        (signalAccepted === null ? '' : `, in which ${percent(signalAccepted)} of the light lie`)
  return (
    `: pixels above ${sigma} of their rms, median filter of 2 × 2, ${binning} × ${binning} pixels to a macro-pixel, ` +
    `neighbours of at least ${minimumNeighbourMean} ADU on average, DBSCAN (distance ${radius}, ${minimumWeight} counts); ${rows}`
  )
}
