import { describeDisagreement, explanations } from '../disagreement.ts'
import { recoilClasses } from '../match.ts'
import { minimumPerClass } from '../matched.ts'
import type { PhysicsDetail } from '../physics.ts'
import { areaChart, efficiencyChart, rocChart, scoreChart } from './charts.ts'
import { count, milliseconds, percent, percentWithError, short, unmeasured, withError } from './format.ts'
import { type Html, html, table } from './html.ts'
import { tile } from './page.ts'
import type { ReportData } from './report-data.ts'

/** The published figures of the method that this comparison is asked to stand beside. */
const published = {
  signalKept: '93.0 ± 0.2 %',
  areaDiscarded: '97.8 ± 0.1 %',
  source: 'arXiv 2512.24290: another measurement (real data, reference clusters), not directly comparable',
} as const

export function summaryTiles({ result, physics, scores }: ReportData): Html {
  const { agreement, onnx } = result
  const { matched, emptyFrames, falseRois } = physics
  const bytes = agreement.differingBytes
  return html`<div class="tiles">
${[
  bytes === null
    ? tile('Agreement', unmeasured, 'needs two devices that give event packets')
    : tile(
        'Agreement',
        `${count(bytes, 'differing byte')}`,
        `in ${count(agreement.frames, 'frame')}, compared to ${agreement.comparedTo}`,
        bytes === 0 ? 'good' : 'bad',
      ),
  onnx.differingScores === null
    ? tile('ONNX Runtime', unmeasured, 'no ONNX Runtime device took part')
    : tile(
        'ONNX Runtime',
        count(onnx.differingScores, 'differing score'),
        `in ${count(onnx.comparedClusters!, 'cluster')}, ${scores
          .filter((s) => s.address.startsWith('onnx:'))
          .map((s) => s.address)
          .join(', ')}`,
        onnx.differingScores === 0 ? 'good' : 'bad',
      ),
  tile(
    'Signal kept',
    percentWithError(physics.signalKept),
    `mean over ${count(physics.framesWithLight, 'frame')} with light. Published ${published.signalKept}, ${published.source}.`,
  ),
  tile(
    'Area discarded',
    percentWithError(physics.areaDiscarded),
    `mean over ${count(physics.frames.length, 'frame')}. Published ${published.areaDiscarded}, ${published.source}.`,
  ),
  tile(
    'False regions per empty frame',
    emptyFrames === 0 ? unmeasured : short(falseRois / emptyFrames),
    emptyFrames === 0
      ? 'no frame was known to be empty'
      : `${falseRois} in ${count(emptyFrames, 'frame')} without light`,
  ),
  tile(
    'AUC at matched energy',
    withError(matched?.auc ?? null),
    matched === null
      ? `needs ${minimumPerClass} matched recoils of each class at the same energies`
      : `${matched.nuclear} nuclear and ${matched.electron} electron recoils; 0.5 is guessing`,
  ),
]}
</div>`
}

export function deviceTable({ result, devices, reference }: ReportData): Html {
  const rows = result.devices.map((timing) => {
    const device = devices.find((d) => d.address === timing.address)
    return [
      html`<code>${timing.address}</code>${timing.address === reference && ' (reference)'}`,
      device?.description ?? '',
      short(timing.framesPerSecond),
      short(timing.pixelsPerSecond),
      milliseconds(timing.latencyMs.p50),
      milliseconds(timing.latencyMs.p99),
    ]
  })
  const head = ['device', 'what it is', 'frames/s', 'pixels/s', 'latency p50, ms', 'latency p99, ms']
  return html`${table(head, rows, [2, 3, 4, 5])}
<p class="soft">Latency is from handing a frame over to having its record, on the host's clock. The camera of LIME
reads 28.8 M pixels/s. ${result.frames < 100 && 'With fewer than 100 frames p99 is the slowest frame.'}</p>`
}

export function agreementTables({ bytes, scores, reference, disagreements }: ReportData): Html {
  if (bytes.length + scores.length === 0) return html`<p>Only one device took part: nothing was compared.</p>`
  const all =
    bytes.reduce((sum, b) => sum + b.differingFrames, 0) +
    scores.reduce((sum, s) => sum + s.differingClusters, 0)
  return html`${
    bytes.length > 0 &&
    table(
      ['event packets of', 'compared to', 'frames', 'differing frames', 'differing bytes'],
      bytes.map((b) => [
        html`<code>${b.address}</code>`,
        html`<code>${reference}</code>`,
        `${b.frames}`,
        `${b.differingFrames}`,
        `${b.differingBytes}`,
      ]),
      [2, 3, 4],
    )
  }
${
  scores.length > 0 &&
  table(
    [
      'scores of',
      'compared to',
      'frames',
      'clusters',
      'differing scores',
      'largest difference',
      ...explanations,
    ],
    scores.map((s) => [
      html`<code>${s.address}</code>`,
      html`<code>${reference}</code>`,
      `${s.frames}`,
      `${s.comparedClusters}`,
      `${s.differingScores}`,
      short(s.largestDifference),
      ...explanations.map((name) => `${s.explained[name]}`),
    ]),
    [2, 3, 4, 5, 6, 7, 8],
  )
}
${
  disagreements.length > 0 &&
  html`<h3>Disagreements</h3>
<p>The first place that differs in the packet of each frame, and every cluster with other scores${disagreements.length < all && `, ${disagreements.length} of ${all} shown, real differences before others`}.</p>
<ul>${disagreements.map((d) => html`<li>${describeDisagreement(d)}</li>`)}</ul>
<p class="soft">Why scores differ: <b>rounding</b>, by one step at most; <b>quantization</b>, they lie between those of the network and those of
the same network without rounding of its activations; <b>real difference</b>, neither: another network, other features or a fault. The
pictures of such clusters are below.</p>`
}`
}

export async function classificationCharts(physics: PhysicsDetail): Promise<Html> {
  const { matched, scores } = physics
  const byTruth = scores.some((s) => s.truth !== null)
  const roc =
    matched === null
      ? html`<p class="soft">Too few nuclear and electron recoils of the same energies were found for a curve.</p>`
      : html`<figure>${await rocChart(matched)}<figcaption>Mean over bins of keVee at equal rejection, recoils weighted to equal energies
of both classes in each bin; area ${withError(matched.auc)}. Diamonds: density cuts of LEMON on real AmBe and 5.9 keV 55Fe
data (arXiv 2007.12508), taken under other conditions and not at matched energy.</figcaption></figure>`
  const histogram =
    scores.length === 0
      ? html`<p class="soft">No clusters, no scores.</p>`
      : html`<figure>${await scoreChart(scores, byTruth)}<figcaption>${
          byTruth
            ? 'Clusters matched to one deposit, by true class.'
            : 'All clusters, by the class that won: there is no truth.'
        } The bars are stacked.</figcaption></figure>`
  return html`<div class="pair">
${[roc, histogram]}
</div>`
}

/** True class against the class that won. */
export function confusionTable({
  confusion,
  ambiguousClusters,
  unmatchedClusters,
  efficiencyByClass,
  pileUpClusters,
  mergedDeposits,
}: PhysicsDetail): Html {
  const rows = recoilClasses.map((truth) => {
    const found = efficiencyByClass[truth]
    return [
      truth,
      ...recoilClasses.map((winner) => `${confusion[truth][winner]}`),
      found === null ? unmeasured : `${found.found} of ${found.tried} (${percent(found.value, 0)})`,
    ]
  })
  return html`${table(['true class', 'nuclear won', 'electron won', 'other won', 'light inside regions'], rows, [1, 2, 3, 4])}
<p class="soft">One cluster per deposit. Left out: ${count(ambiguousClusters, 'cluster')} with light of several classes,
${unmatchedClusters} without light.</p>
<p class="soft">Light inside regions: deposits with at least half of their light there. Merged deposits: ${mergedDeposits} of these
have no cluster of their own but lie in the region of another deposit's cluster; ${count(pileUpClusters, 'cluster')} with light of several deposits.</p>`
}

/** Recoils end below this; alphas and muons above would squeeze the threshold into a corner of the chart. */
const chartedKeV = 128

export async function efficiencyCharts({ efficiency, frames }: PhysicsDetail): Promise<Html> {
  const low = efficiency.filter((bin) => bin.toKeV <= chartedKeV)
  const high = efficiency.filter((bin) => bin.toKeV > chartedKeV)
  const total = (key: 'found' | 'tried'): number => high.reduce((sum, bin) => sum + bin[key], 0)
  const above = high.length === 0 ? '' : ` Above ${chartedKeV} keV: ${total('found')} of ${total('tried')}.`
  const found =
    low.length === 0
      ? html`<p class="soft">${efficiency.length === 0 ? 'No truth, no efficiency.' : 'No recoils.'}${above}</p>`
      : html`<figure>${await efficiencyChart(low)}<figcaption>Deposits of all classes with at least half of their light inside regions; vertical bars are 68 % Wilson
intervals, horizontal ones the bins, above them how many of all.${above} Deposits cut by the rolling shutter count with their
full energy.</figcaption></figure>`
  const area =
    frames.length === 0
      ? html`<p class="soft">No frames.</p>`
      : html`<figure>${await areaChart(frames)}<figcaption>Union of the regions of interest over the area of the frame.</figcaption></figure>`
  return html`<div class="pair">
${[found, area]}
</div>`
}
