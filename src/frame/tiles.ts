import { quantileInPlace } from './robust.ts'

/** A grid of tiles over a picture; tile sizes differ by at most one pixel. */
export interface TileGrid {
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly rows: number
}

export function tileGrid(width: number, height: number, size: number): TileGrid {
  return {
    width,
    height,
    columns: Math.max(1, Math.round(width / size)),
    rows: Math.max(1, Math.round(height / size)),
  }
}

/** First pixel of tile `i` of `n` over `length` pixels; `i = n` gives `length`. */
export function tileStart(i: number, n: number, length: number): number {
  return Math.floor((i * length) / n)
}

/** Calls `visit` with each tile's index and its pixel ranges [x0, x1) and [y0, y1). */
export function eachTile(
  grid: TileGrid,
  visit: (tile: number, x0: number, x1: number, y0: number, y1: number) => void,
): void {
  for (let row = 0; row < grid.rows; row++) {
    const y0 = tileStart(row, grid.rows, grid.height)
    const y1 = tileStart(row + 1, grid.rows, grid.height)
    for (let column = 0; column < grid.columns; column++)
      visit(
        row * grid.columns + column,
        tileStart(column, grid.columns, grid.width),
        tileStart(column + 1, grid.columns, grid.width),
        y0,
        y1,
      )
  }
}

/**
 * Quantile `q` (0.5 is the median) over the (2 radius + 1)^2 neighbourhood of each tile, cut at the edges.
 * NaN tiles are left out; where all are NaN the neighbourhood grows, and 0 results if the whole grid is NaN.
 */
export function quantileOfTiles(
  values: Float32Array,
  grid: TileGrid,
  radius: number,
  q: number,
): Float32Array {
  const result = new Float32Array(values.length)
  const near = new Float32Array(values.length)
  for (let row = 0; row < grid.rows; row++)
    for (let column = 0; column < grid.columns; column++) {
      let count = 0
      for (let r = radius; count === 0 && r < radius + grid.rows + grid.columns; r++)
        for (let y = Math.max(0, row - r); y <= Math.min(grid.rows - 1, row + r); y++)
          for (let x = Math.max(0, column - r); x <= Math.min(grid.columns - 1, column + r); x++) {
            const value = values[y * grid.columns + x]!
            if (!Number.isNaN(value)) near[count++] = value
          }
      result[row * grid.columns + column] = quantileInPlace(near, count, q)
    }
  return result
}

/** Bilinear interpolation between tile centres; constant beyond the outermost centres. */
export function interpolateTiles(values: Float32Array, grid: TileGrid): Float32Array {
  const { width, height, columns, rows } = grid
  const result = new Float32Array(width * height)
  const horizontal = weights(columns, width)
  const vertical = weights(rows, height)
  for (let y = 0; y < height; y++) {
    const top = vertical.index[y]! * columns
    const bottom = Math.min(vertical.index[y]! + 1, rows - 1) * columns
    const v = vertical.weight[y]!
    for (let x = 0; x < width; x++) {
      const left = horizontal.index[x]!
      const right = left + 1 < columns ? left + 1 : left
      const h = horizontal.weight[x]!
      const a = values[top + left]! * (1 - h) + values[top + right]! * h
      const b = values[bottom + left]! * (1 - h) + values[bottom + right]! * h
      result[y * width + x] = a * (1 - v) + b * v
    }
  }
  return result
}

/** For each pixel the tile whose centre lies at or before it, and the weight of the next one. */
function weights(tiles: number, length: number): { index: Int32Array; weight: Float32Array } {
  const index = new Int32Array(length)
  const weight = new Float32Array(length)
  const centre = (i: number) => (tileStart(i, tiles, length) + tileStart(i + 1, tiles, length) - 1) / 2
  for (let p = 0, i = 0; p < length; p++) {
    while (i + 1 < tiles && centre(i + 1) <= p) i++
    index[p] = i
    if (i + 1 < tiles && p > centre(i)) weight[p] = (p - centre(i)) / (centre(i + 1) - centre(i))
  }
  return { index, weight }
}
