import { falseRate } from '../costs.ts'
import type { ClassifierPoint, TriggerPoint } from '../exploration.ts'
import type { Figure } from '../study.ts'

/** A table as text. */
export interface Cells {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const absent = '-'

const figure = ({ value, error }: Figure): string => `${value.toFixed(3)} ± ${error.toFixed(3)}`

/** Classifiers that have an estimate, each in a row, bins in keVee; the logic as synthesized, `~` where only estimated. */
export function classifierCells(points: readonly ClassifierPoint[]): Cells {
  const measured = points.filter(({ physics, estimate }) => physics !== null && estimate !== null)
  const bins = measured[0]?.physics?.bins ?? []
  return {
    head: [
      'classifier, logic',
      'parameters',
      ...bins.map(({ lowKeVee, highKeVee }) => `AUC ${lowKeVee}-${highKeVee}`),
      ...bins.slice(1, 2).map(({ lowKeVee, highKeVee }) => `NR at 90 % ${lowKeVee}-${highKeVee}`),
      'LUT',
      'LUT RAM',
      'FF',
      'mult',
      'BRAM',
      'clocks',
      'interval',
    ],
    rows: measured.map(({ name, shipped, physics, estimate, synthesis }) => [
      shipped === null ? name : `${name} (shipped: ${shipped})`,
      `${physics!.parameters}`,
      ...physics!.bins.map(({ auc }) => figure(auc)),
      ...physics!.bins.slice(1, 2).map(({ nrAt90 }) => figure(nrAt90)),
      ...logicCells(estimate!, synthesis),
      `${estimate!.clocks}`,
      `${estimate!.interval}`,
    ]),
  }
}

function logicCells(
  estimate: NonNullable<ClassifierPoint['estimate']>,
  synthesis: ClassifierPoint['synthesis'],
): string[] {
  if (synthesis === null) {
    const { luts, ffs, dsps, brams } = estimate
    return [`~${luts}`, absent, `~${ffs}`, `~${dsps}`, `~${brams}`]
  }
  const { luts, lutRams, ffs, dsps, brams } = synthesis
  return [luts, lutRams, ffs, dsps, brams].map(String)
}

/** Triggers, each in a row. */
export function triggerCells(points: readonly TriggerPoint[]): Cells {
  return {
    head: ['trigger', '50 % at keVee', '90 % at keVee', 'false regions per empty frame', 'front'],
    rows: points.map(({ name, physics, onFront, failure }) =>
      physics === null
        ? [name, failure === null ? absent : `${failure.code}: ${failure.message}`, absent, absent, '']
        : [
            name,
            physics.keVeeAt50 === null ? absent : figure(physics.keVeeAt50),
            physics.keVeeAt90 === null ? absent : figure(physics.keVeeAt90),
            `${falseRate(physics).toFixed(3)} (${physics.falseRegions} in ${physics.emptyFrames})`,
            onFront ? 'yes' : '',
          ],
    ),
  }
}

/** Markdown whose columns also stand under each other on a terminal. */
export function textTable({ head, rows }: Cells): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
