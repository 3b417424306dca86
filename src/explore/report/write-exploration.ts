import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { html, table } from '../../compare/report/html.ts'
import { factTable, page, section } from '../../compare/report/page.ts'
import { standaloneSvg } from '../../compare/report/vega-chart.ts'
import { writeFailure } from '../../core/write-failure.ts'
import type { Exploration } from '../exploration.ts'
import type { NamedFile } from '../explore-classifiers.ts'
import { aucMeasure, efficiencyMeasure, paretoChart } from './pareto-chart.ts'
import { type Cells, classifierCells, textTable, triggerCells } from './point-cells.ts'
import { frontPoints, summaryLines } from './summary.ts'

/**
 * Writes explore.json, the same as tables in explore.md and as a page in explore.html, the picture pareto.svg and the
 * classifiers of the front as front/NAME.onnx.
 * @returns the paths
 * @throws GemgateError GG_OUTPUT
 */
export async function writeExploration(
  folder: string,
  exploration: Exploration,
  front: readonly NamedFile[],
): Promise<string[]> {
  const chart = await paretoChart(exploration.points, aucMeasure)
  const files: NamedFile[] = [
    textFile('explore.json', `${JSON.stringify(exploration, null, 1)}\n`),
    textFile('explore.md', markdown(exploration)),
    textFile('explore.html', await explorationPage(exploration)),
    textFile('pareto.svg', standaloneSvg(chart)),
    ...front.map(({ name, content }) => ({ name: join('front', name), content })),
  ]
  try {
    // Files of an earlier front would look like members of this one.
    await rm(join(folder, 'front'), { recursive: true, force: true })
    await mkdir(join(folder, 'front'), { recursive: true })
    for (const { name, content } of files) await writeFile(join(folder, name), content)
  } catch (error) {
    throw writeFailure(folder, error)
  }
  return files.map(({ name }) => join(folder, name))
}

function textFile(name: string, text: string): NamedFile {
  return { name, content: new TextEncoder().encode(text) }
}

function markdown(exploration: Exploration): string {
  const { points, trigger, costs } = exploration
  return [
    '# Exploration',
    ...summaryLines(exploration),
    `The front is made by: ${costs.join('; ')}.`,
    ...(points.length === 0
      ? []
      : [
          '## Front of classifiers',
          textTable(classifierCells(frontPoints(exploration))),
          '## All classifiers',
          textTable(classifierCells(points)),
        ]),
    ...(trigger.length === 0 ? [] : ['## Triggers', textTable(triggerCells(trigger))]),
    '',
  ].join('\n\n')
}

/** The document as text. */
export async function explorationPage(exploration: Exploration): Promise<string> {
  const { points, trigger, costs, versions, study, family, quick } = exploration
  return page('Exploration', [
    html`<h1>Exploration</h1>
<p class="soft">classifiers and triggers: physics against logic</p>
<ul>${summaryLines(exploration).map((line) => html`<li>${line}</li>`)}</ul>`,
    ...(points.length === 0
      ? []
      : [
          section(
            'Physics against logic',
            html`<div class="pair">${[
              await figure(exploration, aucMeasure),
              await figure(exploration, efficiencyMeasure),
            ]}</div>`,
          ),
          section('Front of classifiers', htmlTable(classifierCells(frontPoints(exploration)))),
          section('All classifiers', htmlTable(classifierCells(points))),
        ]),
    ...(trigger.length === 0
      ? []
      : [
          section(
            'Triggers',
            html`<p>All of these are settings of the same logic.</p>`,
            htmlTable(triggerCells(trigger)),
          ),
        ]),
    section(
      'How to read this',
      html`<ul>
<li>A point lies on the <b>front</b> when no other synthesized point is nowhere worse and somewhere better in these costs:
${costs.join('; ')}.</li>
<li><b>~</b> marks estimates; they were too far from the front to be synthesized. Counts are by Yosys, not placed.</li>
<li>AUC and efficiencies are of clusters that were not trained on, nuclear against electron recoils of equal energy. Errors
are one standard deviation of each point alone; all points are scored on the same clusters, so differences between
points are known better than that.</li>
<li>The best of many points is partly the luckiest: score what you choose on other clusters.</li>
</ul>`,
    ),
    section(
      'Provenance',
      factTable([
        ['gemgate', versions.gemgate],
        ['Node', versions.node],
        ['Yosys', `${versions.yosys}, ${family}`],
        ['statistics', quick ? 'quick: not to decide by' : 'full'],
        ...Object.entries(study).flatMap(([part, basis]) =>
          basis === null
            ? []
            : Object.entries({ [`study of ${part}`]: basis.identity, ...basis.facts }).map(
                ([name, value]) => [name, `${value}`] as const,
              ),
        ),
      ]),
    ),
  ])
}

async function figure({ points }: Exploration, measure: typeof aucMeasure) {
  return html`<figure>${await paretoChart(points, measure)}<figcaption>Filled: on the front; pale: synthesized; hollow:
estimated; diamond: shipped, with its standard error.</figcaption></figure>`
}

function htmlTable({ head, rows }: Cells) {
  const numbers = head.flatMap((_, i) => (i === 0 ? [] : [i]))
  return table(head, rows, numbers)
}
