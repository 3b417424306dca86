import type { Measured, WorkingPoint } from '../../src/compare/roc.ts'
import type { RocFigures } from './score.ts'

/** Cells or paragraphs. */
export type Lines = readonly string[]

/** Figures of several discriminants by name. */
interface Figures {
  readonly figures: Readonly<Record<string, RocFigures>>
}

export const measured = ({ value, error }: Measured): string => `${value.toFixed(3)} ± ${error.toFixed(3)}`

export const workingPoint = ({ efficiency, error }: WorkingPoint): string =>
  `${efficiency.toFixed(3)} ± ${error.toFixed(3)}`

export const percent = (part: number, all: number): string =>
  all === 0 ? '-' : `${((100 * part) / all).toFixed(1)} %`

/** A bin of energy; JSON has no infinity, so an open end is null. */
export const energyRange = (bin: { readonly lowKeVee: number; readonly highKeVee: number | null }): string =>
  bin.highKeVee === null ? `above ${bin.lowKeVee}` : `${bin.lowKeVee}-${bin.highKeVee}`

/** A table in Markdown. */
export function table(head: Lines, rows: readonly Lines[]): string {
  const line = (cells: Lines): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** @throws RangeError when the report has no figures of that name */
export function figuresOf({ figures }: Figures, name: string): RocFigures {
  const found = figures[name]
  if (found === undefined) throw new RangeError(`the report has no figures of '${name}'`)
  return found
}

/** AUC and the three working points as cells. */
export function figureCells(scored: Figures, name: string): Lines {
  const { auc, efficiencyAt90, efficiencyAt99, efficiencyAt999 } = figuresOf(scored, name)
  return [measured(auc), ...[efficiencyAt90, efficiencyAt99, efficiencyAt999].map(workingPoint)]
}
