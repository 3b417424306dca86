import { cropFrame, type Detector, type Region } from '../../sim/detector/index.ts'
import type { Deposit } from '../../src/frame/truth.ts'
import { type TileSettings, tileCount } from '../../src/trigger/settings.ts'
import { tileMasks, tileStatistics } from '../../src/trigger/tile-trigger.ts'
import type { EfficiencyPoint } from './efficiency.ts'
import { type DepositSeries, drawDeposits } from './exposures.ts'

/** Energies at which the tile trigger is measured, keVee. */
export const tileEnergies: readonly number[] = [0.3, 0.5, 0.7, 0.85, 1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 12]

/** One way of setting the thresholds of the tiles. */
export type TileVariance = TileSettings['variance']

/**
 * Deposits of a series that CYGNO's tile trigger finds with each set of thresholds: one of the tiles that hold light
 * fires. Only these tiles are exposed, for a tile knows nothing of the others.
 */
export function countTileFound(
  detector: Detector,
  words: Uint32Array,
  tiles: Pick<TileSettings, 'size' | 'margin'>,
  thresholds: readonly TileVariance[],
  series: DepositSeries,
): EfficiencyPoint[] {
  const found = thresholds.map(() => 0)
  const columns = tileCount(detector.geometry.width, tiles.size)
  for (const { deposit, random } of drawDeposits(detector, series)) {
    const fired = thresholds.map(() => false)
    for (const { column, row } of litTiles(deposit, detector.geometry, tiles)) {
      const region = tileRegion(column, row, detector.geometry, tiles)
      const pixels = cropFrame(detector.camera, deposit, region, random.fork('tile', column, row))
      // One tile whose margin lies outside the picture: all of its pixels.
      const alone = { size: Math.max(region.width, region.height) + tiles.margin, margin: tiles.margin }
      const own = cropWords(words, detector.geometry.width, region)
      const statistics = tileStatistics(pixels, own, region.width, region.height, alone)
      thresholds.forEach((variance, k) => {
        const threshold = variance.subarray(row * columns + column, row * columns + column + 1)
        fired[k] ||= tileMasks(statistics, threshold)[0] !== 0
      })
    }
    fired.forEach((yes, k) => {
      if (yes) found[k]!++
    })
  }
  return found.map((n) => ({ keVee: series.keVee, found: n, tried: series.count }))
}

/** The tiles, margin included, that hold light of the deposit. */
function litTiles(
  deposit: Deposit,
  sensor: { readonly width: number; readonly height: number },
  { size, margin }: Pick<TileSettings, 'size' | 'margin'>,
): { column: number; row: number }[] {
  const seen = new Map<number, { column: number; row: number }>()
  const columns = tileCount(sensor.width, size)
  const reach = (at: number, count: number): number[] =>
    [-1, 0, 1]
      .map((step) => Math.floor(at / size) + step)
      .filter((k) => k >= 0 && k < count && at >= k * size - margin && at < (k + 1) * size + margin)
  for (const pixel of deposit.pixels)
    for (const row of reach(Math.floor(pixel / sensor.width), tileCount(sensor.height, size)))
      for (const column of reach(pixel % sensor.width, columns))
        seen.set(row * columns + column, { column, row })
  return [...seen.values()]
}

function tileRegion(
  column: number,
  row: number,
  sensor: { readonly width: number; readonly height: number },
  { size, margin }: Pick<TileSettings, 'size' | 'margin'>,
): Region {
  const x = Math.max(0, column * size - margin)
  const y = Math.max(0, row * size - margin)
  return {
    x,
    y,
    width: Math.min(sensor.width, (column + 1) * size + margin) - x,
    height: Math.min(sensor.height, (row + 1) * size + margin) - y,
  }
}

function cropWords(words: Uint32Array, width: number, region: Region): Uint32Array {
  const out = new Uint32Array(region.width * region.height)
  for (let j = 0; j < region.height; j++) {
    const from = (region.y + j) * width + region.x
    out.set(words.subarray(from, from + region.width), j * region.width)
  }
  return out
}
