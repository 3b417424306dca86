/** An image of macro-pixels, row-major. */
export interface MacroImage {
  readonly columns: number
  readonly rows: number
  readonly values: Float64Array
}

/** Mean over each `binning` x `binning` block; rows and columns that do not fill a block are left out. */
export function rebin(image: Float32Array, width: number, height: number, binning: number): MacroImage {
  const columns = Math.floor(width / binning)
  const rows = Math.floor(height / binning)
  const values = new Float64Array(columns * rows)
  for (let y = 0; y < rows * binning; y++) {
    const base = Math.floor(y / binning) * columns
    let i = y * width
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (const end = i + binning; i < end; i++) sum += image[i]!
      values[base + column]! += sum
    }
  }
  for (let i = 0; i < values.length; i++) values[i]! /= binning * binning
  return { columns, rows, values }
}
