import { digitCount } from './digits.ts'
import type { ConstantMatrix } from './matrix.ts'

/** Pairs of digits that a search may have to count at its beginning: some hundred megabytes. */
const mostPairs = 6e6

/** A part of a matrix: some consecutive rows, all columns. */
export interface Part {
  readonly from: number
  readonly matrix: ConstantMatrix
}

/** Cuts a matrix that is too large for one search into ranges of rows; their partial sums are added. */
export function splitRows({ rows, columns, values }: ConstantMatrix, most = mostPairs): Part[] {
  let pairs = 0
  for (let j = 0; j < columns; j++) {
    let digits = 0
    for (let i = 0; i < rows; i++) digits += digitCount(values[i * columns + j]!)
    // A digit has some other places too.
    pairs += (digits * 1.6) ** 2 / 2
  }
  // Pairs grow with the square of the rows.
  const parts = Math.min(Math.max(1, rows), Math.max(1, Math.ceil(Math.sqrt(pairs / most))))
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((rows * part) / parts)
    const to = Math.floor((rows * (part + 1)) / parts)
    return {
      from,
      matrix: {
        rows: to - from,
        columns,
        values: Float64Array.from({ length: (to - from) * columns }, (_, at) => values[from * columns + at]!),
      },
    }
  })
}
