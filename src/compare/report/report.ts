import { blockSide } from '../../trigger/region-blocks.ts'
import { regionMargin } from '../../trigger/regions.ts'
import { classifierTable, lastPixelTable, probedList } from './classifier-section.ts'
import { count } from './format.ts'
import { classItem, lightFact, lightItem } from './how-to-read.ts'
import { type Html, html } from './html.ts'
import { factTable, page, section, writePage } from './page.ts'
import { cropFigures, frameFigures, legend } from './picture-sections.ts'
import { referenceTable } from './reference-section.ts'
import type { ReportData } from './report-data.ts'
import {
  agreementTables,
  classificationCharts,
  confusionTable,
  deviceTable,
  efficiencyCharts,
  summaryTiles,
} from './sections.ts'
import { tileTable } from './tile-section.ts'

/**
 * Writes the report of a comparison as one self-contained `report.html`: pictures and charts inline, no
 * scripts, nothing fetched. Returns its path. Throws GG_OUTPUT.
 */
export async function writeReport(folder: string, data: ReportData): Promise<string> {
  return writePage(folder, await reportHtml(data))
}

/** The document as text. */
export async function reportHtml(data: ReportData): Promise<string> {
  const { physics, frames, crops } = data
  const withTruth = physics.framesWithLight > 0
  return page(data.title, [
    html`<h1>${data.title}</h1>
<p class="soft">${count(data.result.frames, 'frame')} through ${data.devices.map((d) => d.address).join(', ')}, ${data.created.toISOString().slice(0, 16).replace('T', ' ')} UTC</p>`,
    summaryTiles(data),
    section('Devices', deviceTable(data), probedList(data), lastPixelTable(data)),
    section('Classifiers alone', classifierTable(data)),
    section('Agreement', agreementTables(data)),
    section(
      'Frames',
      frames.length === 0
        ? html`<p>No frame was kept.</p>`
        : html`${legend(withTruth)}${frameFigures(frames)}`,
    ),
    ...(crops.length === 0 ? [] : [section('Clusters from close by', cropFigures(crops))]),
    section(
      'Nuclear or electron recoil',
      await classificationCharts(physics),
      withTruth ? confusionTable(physics) : null,
    ),
    section('Finding and discarding', await efficiencyCharts(physics)),
    section('The same frames in CYGNO’s own software', referenceTable(data)),
    section('Tile-deviation trigger', tileTable(physics.tiles)),
    section('How to read this', howToRead(data)),
    section('Provenance', factTable([...data.provenance, lightFact(data.aduPerKeVee)])),
  ])
}

function howToRead({ reference, aduPerKeVee, physics }: ReportData): Html {
  const withTruth = physics.framesWithLight > 0
  return html`<ul>
<li><b>Agreement</b> counts bytes: every device that acts as an FPGA has to give the same event packet for the same frame.
Anything but 0 is a fault in the firmware, the link or the model of it.</li>
<li><b>Signal kept</b> is the simulated, noise-free light inside the regions of interest over all light of the frame;
<b>area discarded</b> is the part of the frame outside them. Overlapping regions count once. Both are means over frames
with the standard error of the mean. A region is the box of a cluster and ${regionMargin} macro-pixels around it, unless set otherwise; in the box of a long track only the
parts around active macro-pixels count, to a block of ${blockSide} x ${blockSide}.
Area discarded depends on how much there is in a frame, and signal kept on the energies.</li>
<li>The published figures were measured on real data against clusters of the offline reconstruction; here the reference is
the simulated light. They are shown for orientation, not as a contest.</li>
<li>A deposit counts as one with its <b>light inside regions</b> when at least half of it is there, also when it has no cluster of its
own: <b>merged</b> deposits lie in the region of another deposit's cluster. A cluster belongs to the deposit with the
most light in its box; with light of several classes it is ambiguous and stays out of the classification.</li>
<li><b>Matched energy</b>: nuclear and electron recoils are compared only within bins of true energy and weighted to the same
mean there, so that a classifier that measures nothing but energy gets 0.5.</li>
${[classItem(), lightItem(aduPerKeVee)]}
${withTruth && html`<li>Energies of the truth are the simulation's, in keV electron equivalent unless they say "recoil".</li>`}
<li>Pictures and physics show the records of <code>${reference ?? 'no device'}</code>.</li>
</ul>`
}
