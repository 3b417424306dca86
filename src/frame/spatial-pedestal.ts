import type { Frame } from './frame.ts'
import type { Pedestal } from './pedestal.ts'
import { groupedMedian, madToSigma, medianInPlace, quantisationSigma } from './robust.ts'
import { eachTile, interpolateTiles, quantileOfTiles, type TileGrid, tileGrid } from './tiles.ts'

/** Pixels this many sigma above the background of the pass before are taken for signal. */
const clip = 3

/**
 * The first background is this quantile of the medians of 7 x 7 tiles: below the median, because light only
 * adds. It tells signal from background up to two thirds of such a region under light.
 */
const roughQuantile = 0.35
const roughRadius = 3

/**
 * A pedestal from a single frame, for pictures that come without dark frames (displays, school frames): a
 * smooth background and its noise, both per tile (32 x 32 pixels, smaller in small frames) and interpolated.
 *
 * Three passes, so that a bright track does not become background: the first only shows where the signal
 * is; the next two leave those pixels out, and tiles that lose more than half of theirs take the values of
 * their neighbours. Fails where light fills more than two thirds of a region of 7 x 7 tiles, and takes a
 * step of the background by more than three sigma (a bright band) for signal within three tiles of the
 * step. Light spread over several tiles at less than three sigma a pixel is background to it. It knows nothing of single pixels: `hot` is empty and the fixed pattern stays in the noise.
 */
export function spatialPedestal(frame: Frame): Pedestal {
  const { width, height } = frame
  const size = Math.max(4, Math.min(32, Math.floor(Math.min(width, height) / 8)))
  const grid = tileGrid(width, height, size)
  const smooth = (tiles: Float32Array, radius: number, q: number) =>
    interpolateTiles(quantileOfTiles(tiles, grid, radius, q), grid)
  let mean = smooth(tileMedians(frame, grid), roughRadius, roughQuantile)
  let sigma = smooth(tileSigmas(frame, grid, mean), roughRadius, roughQuantile)
  for (let pass = 0; pass < 2; pass++) {
    const limit = sigma
    for (let i = 0; i < limit.length; i++) limit[i] = mean[i]! + clip * sigma[i]!
    mean = smooth(tileMedians(frame, grid, limit), 1, 0.5)
    sigma = smooth(tileSigmas(frame, grid, mean, limit), 1, 0.5)
  }
  return { width, height, mean, sigma, hot: new Uint8Array(width * height), frames: 1 }
}

/** Median per tile of the pixels at or below `limit`; NaN for a tile with fewer than half of its pixels left. */
function tileMedians(frame: Frame, grid: TileGrid, limit?: Float32Array): Float32Array {
  const { pixels, width } = frame
  const medians = new Float32Array(grid.columns * grid.rows)
  const used = new Uint16Array(pixels.length)
  eachTile(grid, (tile, x0, x1, y0, y1) => {
    let count = 0
    for (let y = y0; y < y1; y++)
      for (let i = y * width + x0; i < y * width + x1; i++)
        if (limit === undefined || pixels[i]! <= limit[i]!) used[count++] = pixels[i]!
    medians[tile] = 2 * count < (x1 - x0) * (y1 - y0) ? Number.NaN : groupedMedian(used, count)
  })
  return medians
}

/** 1.4826 MAD of the residuals per tile, not below the rounding noise; NaN as in `tileMedians`. */
function tileSigmas(frame: Frame, grid: TileGrid, mean: Float32Array, limit?: Float32Array): Float32Array {
  const { pixels, width } = frame
  const sigmas = new Float32Array(grid.columns * grid.rows)
  const used = new Float32Array(pixels.length)
  eachTile(grid, (tile, x0, x1, y0, y1) => {
    let count = 0
    for (let y = y0; y < y1; y++)
      for (let i = y * width + x0; i < y * width + x1; i++)
        if (limit === undefined || pixels[i]! <= limit[i]!) used[count++] = Math.abs(pixels[i]! - mean[i]!)
    sigmas[tile] =
      2 * count < (x1 - x0) * (y1 - y0)
        ? Number.NaN
        : Math.max(quantisationSigma, madToSigma * medianInPlace(used, count))
  })
  return sigmas
}
