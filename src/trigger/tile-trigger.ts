import { maskedSigma } from './pedestal-words.ts'
import { type TileSettings, tileCount } from './settings.ts'

/** Pixels count at most this much in the tile statistics, so that a spark cannot overflow them. */
export const tileSaturation = 4095

/** Sums over one tile of the frame. */
export interface TileStatistics {
  readonly columns: number
  readonly rows: number
  /** Pixels, sum and sum of squares per tile, row-major. */
  readonly pixels: Int32Array
  readonly sum: Float64Array
  readonly squares: Float64Array
}

/**
 * Twin of the first half of hdl/trigger/tile_deviation.sv: pixel sums in tiles of `size` pixels grown by
 * `margin` over their neighbours. The tiles overlap, so sums are kept for the cells between the boundaries
 * (size * k - margin and size * k + margin) and a tile is 3 x 3 cells. A masked pixel counts as its pedestal.
 */
export function tileStatistics(
  pixels: Uint16Array,
  words: Uint32Array,
  width: number,
  height: number,
  settings: Pick<TileSettings, 'size' | 'margin'>,
): TileStatistics {
  const { size, margin } = settings
  const columns = tileCount(width, size)
  const rows = tileCount(height, size)
  const edgesX = cellEdges(width, size, margin)
  const edgesY = cellEdges(height, size, margin)
  const cellsX = 2 * columns + 1
  const cellSum = new Float64Array(cellsX * (2 * rows + 1))
  const cellSquares = new Float64Array(cellsX * (2 * rows + 1))
  for (let cy = 0; cy + 1 < edgesY.length; cy++)
    for (let y = edgesY[cy]!; y < edgesY[cy + 1]!; y++)
      for (let cx = 0; cx + 1 < edgesX.length; cx++) {
        let sum = 0
        let squares = 0
        for (let i = y * width + edgesX[cx]!, end = y * width + edgesX[cx + 1]!; i < end; i++) {
          const word = words[i]!
          const value = word >>> 20 === maskedSigma ? (word & 0xfffff) >>> 4 : pixels[i]!
          const q = value > tileSaturation ? tileSaturation : value
          sum += q
          squares += q * q
        }
        cellSum[cy * cellsX + cx]! += sum
        cellSquares[cy * cellsX + cx]! += squares
      }
  const statistics: TileStatistics = {
    columns,
    rows,
    pixels: new Int32Array(columns * rows),
    sum: new Float64Array(columns * rows),
    squares: new Float64Array(columns * rows),
  }
  for (let ty = 0; ty < rows; ty++)
    for (let tx = 0; tx < columns; tx++) {
      const tile = ty * columns + tx
      for (let cy = Math.max(0, 2 * ty - 1); cy <= 2 * ty + 1; cy++)
        for (let cx = Math.max(0, 2 * tx - 1); cx <= 2 * tx + 1; cx++) {
          statistics.sum[tile]! += cellSum[cy * cellsX + cx]!
          statistics.squares[tile]! += cellSquares[cy * cellsX + cx]!
        }
      statistics.pixels[tile] = extent(width, tx, settings) * extent(height, ty, settings)
    }
  return statistics
}

/** Boundaries of the cells along one side: 0, size - margin, size + margin, 2 size - margin, ..., `side`. */
function cellEdges(side: number, size: number, margin: number): number[] {
  const edges = [0]
  for (let k = 1; k * size - margin < side; k++)
    edges.push(k * size - margin, Math.min(side, k * size + margin))
  if (edges.at(-1)! < side) edges.push(side)
  return edges
}

/** Pixels of tile `k` along one side. */
function extent(side: number, k: number, { size, margin }: Pick<TileSettings, 'size' | 'margin'>): number {
  return Math.min(side, (k + 1) * size + margin) - Math.max(0, k * size - margin)
}

/**
 * Second half: a tile triggers when its variance exceeds the threshold, compared without a division as
 * 16 (N sum(q^2) - sum(q)^2) > N^2 threshold; 64-bit integers in the logic. Returns one bit mask per row.
 */
export function tileMasks(statistics: TileStatistics, variance: Uint32Array): Uint32Array {
  const { columns, rows, pixels, sum, squares } = statistics
  const masks = new Uint32Array(rows)
  for (let tile = 0; tile < columns * rows; tile++) {
    const n = BigInt(pixels[tile]!)
    const s = BigInt(sum[tile]!)
    if (16n * (n * BigInt(squares[tile]!) - s * s) > n * n * BigInt(variance[tile]!))
      masks[Math.floor(tile / columns)]! |= 1 << (tile % columns)
  }
  return masks
}

/** Standard deviation of the pixels of every tile in ADU, row-major. */
export function tileDeviations(statistics: TileStatistics): Float64Array {
  return Float64Array.from(statistics.pixels, (n, tile) => {
    const mean = statistics.sum[tile]! / n
    return Math.sqrt(Math.max(0, statistics.squares[tile]! / n - mean * mean))
  })
}
