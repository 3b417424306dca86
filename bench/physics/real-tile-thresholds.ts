import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'
import { decodeNpyArray } from '../../src/frame/npy-array.ts'
import type { TileVariance } from './tile-efficiency.ts'

const file = join(packageRoot, '..', 'shared/data/lime_real/online_trigger_tile_threshold_12x12.npy')

/** Tiles along a side of LIME. */
const side = 12

/**
 * The thresholds of CYGNO's online trigger in LIME, where its file lies beside the checkout; null elsewhere. It knows
 * the bright bands as the first and last tile of each row, so its pictures are turned against ours.
 */
export function realTileThresholds(): TileVariance | null {
  if (!existsSync(file)) return null
  const { data } = decodeNpyArray(readFileSync(file), file)
  return Uint32Array.from({ length: side * side }, (_, tile) => {
    const [row, column] = [Math.floor(tile / side), tile % side]
    return Math.round(16 * data[column * side + row]! ** 2)
  })
}
