import type { BranchCoverage, Coverage, FileCoverage } from './coverage-data.ts'
import { missingBits } from './missing-bits.ts'
import { inSourceOrder, type Position, type Range } from './tokens.ts'

/** A place as Istanbul counts it: lines from 1, columns from 0; empty for code that is not written. */
export interface IstanbulLocation {
  readonly start: { readonly line?: number; readonly column?: number }
  readonly end: { readonly line?: number; readonly column?: number }
}

/** Istanbul's coverage of one file, as its reports take it. */
export interface IstanbulFile {
  readonly path: string
  readonly statementMap: Record<string, IstanbulLocation>
  readonly fnMap: Record<
    string,
    { name: string; decl: IstanbulLocation; loc: IstanbulLocation; line: number }
  >
  readonly branchMap: Record<
    string,
    { type: string; loc: IstanbulLocation; locations: IstanbulLocation[]; line: number }
  >
  readonly s: Record<string, number>
  readonly f: Record<string, number>
  readonly b: Record<string, number[]>
}

/**
 * Coverage in Istanbul's format, by path. Registers and ports stand in the place of functions: one is covered when each
 * of its bits has risen and fallen.
 */
export function istanbulCoverage(coverage: Coverage): Record<string, IstanbulFile> {
  return Object.fromEntries([...coverage.files].map(([path, file]) => [path, istanbulFile(path, file)]))
}

function istanbulFile(path: string, { branches, statements, signals }: FileCoverage): IstanbulFile {
  const file: IstanbulFile = { path, statementMap: {}, fnMap: {}, branchMap: {}, s: {}, f: {}, b: {} }
  inSourceOrder(statements.values()).forEach(({ range, count }, i) => {
    file.statementMap[i] = location(range)
    file.s[i] = count
  })
  inSourceOrder(branches.values()).forEach((branch, i) => {
    const { kind, range, arms } = branch
    const type = kind === 'case' ? 'switch' : kind === 'conditional' ? 'cond-expr' : 'if'
    const locations = arms.map((arm) => (arm.range ? location(arm.range) : unwritten(branch)))
    file.branchMap[i] = { type, loc: location(range), locations, line: range.start.line }
    file.b[i] = arms.map(({ count }) => count)
  })
  inSourceOrder(signals.values()).forEach((signal, i) => {
    const place = location(signal.range)
    file.fnMap[i] = { name: signal.name, decl: place, loc: place, line: signal.range.start.line }
    file.f[i] = missingBits(signal) === '' ? 1 : 0
  })
  return file
}

/** An `else` that is not written has no place; a missing `default` would stand at the `endcase`. */
function unwritten({ kind, range }: BranchCoverage): IstanbulLocation {
  if (kind !== 'case') return { start: {}, end: {} }
  const { line, column } = range.end
  return location({ start: { line, column: column - 'endcase'.length }, end: range.end })
}

function location({ start, end }: Range): IstanbulLocation {
  const place = ({ line, column }: Position) => ({ line, column: column - 1 })
  return { start: place(start), end: place(end) }
}
