import { digitCount } from './digits.ts'
import type { ConstantMatrix } from './matrix.ts'
import type { Term } from './sums.ts'

/** Pairs of digits that a search may have to count at its beginning: some hundred megabytes. */
const mostPairs = 6e6

/** A part of a matrix: some consecutive rows, all columns. */
export interface Part {
  readonly from: number
  readonly rows: number
  /** Per column: its nonzero entries, numbered within the part. */
  readonly columns: readonly (readonly Term[])[]
}

/** Cuts a matrix that is too large for one search into ranges of rows; their partial sums are added. */
export function splitRows(matrix: ConstantMatrix): Part[] {
  let pairs = 0
  const perRow = new Float64Array(matrix.columns)
  for (let j = 0; j < matrix.columns; j++) {
    for (let i = 0; i < matrix.rows; i++) perRow[j]! += digitCount(matrix.values[i * matrix.columns + j]!)
    pairs += (perRow[j]! * 1.6) ** 2 / 2
  }
  // Pairs grow with the square of the rows.
  const parts = Math.max(1, Math.ceil(Math.sqrt(pairs / mostPairs)))
  return Array.from({ length: Math.min(parts, Math.max(1, matrix.rows)) }, (_, part) => {
    const from = Math.floor((matrix.rows * part) / parts)
    const rows = Math.floor((matrix.rows * (part + 1)) / parts) - from
    return { from, rows, columns: columnsOf(matrix, from, rows) }
  })
}

function columnsOf(matrix: ConstantMatrix, from: number, rows: number): Term[][] {
  return Array.from({ length: matrix.columns }, (_, j) => {
    const terms: Term[] = []
    for (let i = 0; i < rows; i++) {
      const factor = matrix.values[(from + i) * matrix.columns + j]!
      if (factor !== 0) terms.push({ value: i, factor })
    }
    return terms
  })
}
