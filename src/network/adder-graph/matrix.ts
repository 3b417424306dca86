import { GemgateError } from '../../core/errors.ts'

/**
 * A constant matrix, row-major. The convention of this folder is `y[j] = sum over i of W[i][j] x[i]`: a row per
 * input, a column per output.
 */
export interface ConstantMatrix {
  readonly rows: number
  readonly columns: number
  readonly values: ArrayLike<number> & Iterable<number>
}

/** Largest magnitude of an entry: sums of products then stay exact in doubles. */
const largest = 2 ** 30

/**
 * Takes a list of rows or a matrix.
 * @throws GemgateError GG_USAGE when rows differ in length or an entry is not an integer below 2^30
 */
export function constantMatrix(matrix: ConstantMatrix | readonly ArrayLike<number>[]): ConstantMatrix {
  const result = 'values' in matrix && 'rows' in matrix ? matrix : fromRows(matrix as ArrayLike<number>[])
  if (result.values.length !== result.rows * result.columns)
    throw wrong(`${result.values.length} entries for ${result.rows} x ${result.columns}`)
  for (let at = 0; at < result.values.length; at++) {
    const value = result.values[at]!
    if (!Number.isInteger(value) || Math.abs(value) > largest) throw wrong(`entry ${at} is ${value}`)
  }
  return result
}

function fromRows(rows: readonly ArrayLike<number>[]): ConstantMatrix {
  const columns = rows[0]?.length ?? 0
  const values = new Float64Array(rows.length * columns)
  rows.forEach((row, i) => {
    if (row.length !== columns) throw wrong(`row ${i} has ${row.length} entries, row 0 has ${columns}`)
    for (let j = 0; j < columns; j++) values[i * columns + j] = row[j]!
  })
  return { rows: rows.length, columns, values }
}

function wrong(what: string): GemgateError {
  return new GemgateError(
    'GG_USAGE',
    `the constant matrix is malformed: ${what}`,
    'Give rows of equal length with integers of at most 2^30.',
  )
}

/** `W` with rows and columns exchanged. */
export function transposed({ rows, columns, values }: ConstantMatrix): ConstantMatrix {
  const result = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!
  return { rows: columns, columns: rows, values: result }
}
