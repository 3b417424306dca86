import type { PhysicsDetail } from '../physics.ts'
import type { RunResult } from '../run-result.ts'
import { count, percentWithError } from './format.ts'
import { classItem, lightFact, lightItem } from './how-to-read.ts'
import { html } from './html.ts'
import { factTable, page, section, tile, writePage } from './page.ts'
import type { CropPicture, FramePicture } from './picture-data.ts'
import { cropFigures, frameFigures, legend } from './picture-sections.ts'
import type { Fact } from './report-data.ts'
import { classificationCharts, confusionTable, efficiencyCharts } from './sections.ts'
import { tileTable } from './tile-section.ts'

/** Where the run came from, for people. */
export interface RunReportFacts {
  readonly title: string
  readonly source: string
  readonly board: string
  /** Pedestal and thresholds: where they come from. */
  readonly conditions: string
  readonly version: string
  /** Default: now. */
  readonly created?: Date
  /** Further lines for the provenance table. */
  readonly provenance?: readonly Fact[]
}

/** Everything that the report of `gemgate run` shows; made by RunSummary. */
export interface RunReportData extends RunReportFacts {
  readonly address: string
  readonly result: RunResult
  readonly physics: PhysicsDetail
  readonly frames: readonly FramePicture[]
  readonly crops: readonly CropPicture[]
  readonly aduPerKeVee: number | null
}

/** Writes the report of a run as one self-contained `report.html`; returns its path. Throws GG_OUTPUT. */
export async function writeRunReport(folder: string, data: RunReportData): Promise<string> {
  const { result, physics, frames, crops } = data
  const { nuclear, electron, other } = result.recoils
  const withTruth = physics.framesWithLight > 0
  const created = (data.created ?? new Date()).toISOString().slice(0, 16).replace('T', ' ')
  const text = page(data.title, [
    html`<h1>${data.title}</h1>
<p class="soft">${count(result.frames, 'frame')} of ${data.source} through <code>${data.address}</code>, ${created} UTC</p>
<div class="tiles">
${[
  tile('Found', count(result.clusters, 'cluster'), `in ${count(result.frames, 'frame')}`),
  tile(
    'Classified as nuclear',
    count(nuclear, 'cluster'),
    'by the class that won, arbitrary below about 10 keVee',
  ),
  tile(
    'Classified as electron',
    count(electron, 'cluster'),
    'by the class that won, arbitrary below about 10 keVee',
  ),
  tile('Classified as other', count(other, 'cluster'), 'alphas, muons, everything else'),
  tile('Signal kept', percentWithError(physics.signalKept), keptNote(physics)),
  tile(
    'Area discarded',
    percentWithError(physics.areaDiscarded),
    'outside all regions of interest, mean over frames',
  ),
]}
</div>`,
    section(
      'Frames',
      frames.length === 0
        ? html`<p>No frame was taken.</p>`
        : html`${legend(withTruth)}${frameFigures(frames)}`,
    ),
    ...(crops.length === 0 ? [] : [section('Clusters from close by', cropFigures(crops))]),
    ...(withTruth
      ? [
          section('Nuclear or electron recoil', await classificationCharts(physics), confusionTable(physics)),
          section('Finding and discarding', await efficiencyCharts(physics)),
        ]
      : []),
    section('Tile-deviation trigger', tileTable(physics.tiles)),
    section(
      'How to read this',
      html`<ul>
${[classItem(), lightItem(data.aduPerKeVee)]}
${
  withTruth &&
  html`<li>A deposit counts as one with its <b>light inside regions</b> when at least half of it is there, also when it has no cluster of
its own: <b>merged</b> deposits lie in the region of another deposit's cluster.</li>
<li>Energies of the truth are the simulation's, in keV electron equivalent unless they say "recoil".</li>`
}
</ul>`,
    ),
    section(
      'Provenance',
      factTable([
        ['source', data.source],
        ['board', data.board],
        ['conditions', data.conditions],
        ['gemgate', data.version],
        lightFact(data.aduPerKeVee),
        ...(data.provenance ?? []),
      ]),
    ),
  ])
  return writePage(folder, text)
}

function keptNote({ framesWithLight }: PhysicsDetail): string {
  return framesWithLight === 0
    ? 'needs simulated frames with truth'
    : `of the simulated light, mean over ${count(framesWithLight, 'frame')}`
}
