import type { Random } from '../../src/core/random.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import {
  type CommonModeLimits,
  cellCount,
  limits,
  type PixelWeights,
  type RegionGains,
  type TileSettings,
  type TriggerSettings,
  tileCount,
  weightEntries,
} from '../../src/trigger/settings.ts'
import type { Shot } from '../hdl/native/stimulus.ts'

export type { Shot } from '../hdl/native/stimulus.ts'

export interface ShotOptions {
  /** Macro-pixels per row and column, at most. */
  readonly columns: number
  readonly rows: number
  readonly binning?: 1 | 2 | 4
  /** Exactly this many macro-pixels instead. */
  readonly exact?: boolean
  /** true, false, or by default a coin. */
  readonly tiles?: boolean
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!

/** What a random frame shows; each provokes something else. */
const scenes = [
  'noise',
  'noise',
  'sparse',
  'sparse',
  'tracks',
  'tracks',
  'uniform',
  'dark',
  'bright',
] as const
type Scene = (typeof scenes)[number]

/** A random frame with random settings that fit it, so that clusters of every size come out. */
export function randomShot(random: Random, frame: number, options: ShotOptions): Shot {
  const binning = options.binning ?? pick(random, [1, 2, 4] as const)
  const least = 4 / binning
  const side = (most: number): number =>
    binning * (options.exact ? most : least + random.integer(Math.max(1, most - least + 1)))
  const width = side(options.columns)
  const height = side(options.rows)
  const scene = pick(random, scenes)
  const words = Uint32Array.from({ length: width * height }, () =>
    scene === 'uniform' && random.uniform() < 0.3
      ? random.uint32()
      : pedestalWord(99 + random.uniform(), 3 + random.uniform(), random.uniform() < 0.02),
  )
  const pixels = paint(random, scene, width, height)
  const settings = randomSettings(random, scene, width, height, binning, options.tiles)
  return { settings, pixels, words, frame, timeTag: 1.7e15 + random.integer(2 ** 31) }
}

function paint(random: Random, scene: Scene, width: number, height: number): Uint16Array {
  const pixels = new Uint16Array(width * height)
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixel(random, scene)
  if (scene !== 'tracks') return pixels
  for (let track = 0; track < 5; track++) {
    let x = random.integer(width)
    let y = random.integer(height)
    for (let step = 0; step < 60; step++) {
      const at = y * width + x
      pixels[at] = Math.min(65535, pixels[at]! + 100 + random.integer(track === 0 ? 60000 : 300))
      x = Math.min(width - 1, Math.max(0, x + random.integer(3) - 1))
      y = Math.min(height - 1, Math.max(0, y + random.integer(3) - 1))
    }
  }
  return pixels
}

function pixel(random: Random, scene: Scene): number {
  if (scene === 'uniform') return random.integer(65536)
  if (scene === 'dark') return random.integer(3)
  if (scene === 'bright') return 65535
  if (scene === 'sparse') return random.uniform() < 0.3 ? 100 + 200 * random.uniform() : 100
  return 100 + 3 * random.normal()
}

function randomSettings(
  random: Random,
  scene: Scene,
  width: number,
  height: number,
  binning: 1 | 2 | 4,
  tiles = random.integer(2) === 0,
): TriggerSettings {
  const strong = scene === 'uniform' || scene === 'bright'
  const thresholdLow = random.integer(6) === 0 ? 1 : threshold(random, scene, binning)
  return {
    width,
    height,
    binning,
    clipLow: pick(random, [0, 1600, 131071, random.integer(2000)]),
    clipHigh: pick(random, [0, ...new Array<number>(6).fill(131071), 80000, random.integer(100000)]),
    weights: random.integer(3) === 0 ? randomWeights(random) : null,
    commonMode: random.integer(2) === 0 ? randomLimits(random) : null,
    gains: random.integer(3) === 0 ? randomGains(random, width / binning, height / binning) : null,
    thresholdLow,
    thresholdHigh: pick(random, [thresholdLow, thresholdLow, thresholdLow + random.integer(thresholdLow)]),
    link: pick(random, [1, 1, 2, 3, 4]),
    minimumPixels: 1 + random.integer(4),
    tiles: tiles ? randomTiles(random, width, height, strong ? 16777216 : 600) : null,
  }
}

/** A threshold that cuts the scene into clusters. */
function threshold(random: Random, scene: Scene, binning: number): number {
  // Noise of 3 ADU per pixel, times 70 from the filter; 30 % of sparse pixels hold 100 ADU, times 256.
  if (scene === 'noise') return binning * (150 + random.integer(450))
  if (scene === 'sparse') return binning ** 2 * 256 * (25 + random.integer(60 / binning))
  if (scene === 'uniform') return 1 + random.integer(binning ** 2 * 1_000_000)
  return 300 + random.integer(binning * 10_000)
}

/** Weights near the residual, as far as 12 bits hold it, so that what a scene shows is found; or any. */
export function randomWeights(random: Random): PixelWeights {
  const shift = random.integer(8)
  const any = random.integer(4) === 0
  const entry = (_: unknown, i: number): number =>
    any
      ? random.integer(4096) - 2048
      : Math.min(2047, Math.max(-2048, ((i - 64) << shift) + random.integer(32) - 16))
  return { shift, table: Int16Array.from({ length: weightEntries }, entry) }
}

export function randomLimits(random: Random): CommonModeLimits {
  const limit = (): number => 1 + random.integer(pick(random, [10, 1000, 131071]))
  return { content: limit(), search: limit() }
}

/** Gains around 1 in regions of any size; some are extreme. */
export function randomGains(random: Random, columns: number, rows: number): RegionGains {
  let [columnsLog2, rowsLog2] = [random.integer(11), random.integer(11)]
  while (cellCount(columns, columnsLog2) * cellCount(rows, rowsLog2) > limits.maximumCells) {
    if (columnsLog2 < 10) columnsLog2++
    if (rowsLog2 < 10) rowsLog2++
  }
  const length = cellCount(columns, columnsLog2) * cellCount(rows, rowsLog2)
  const entry = (): number => pick(random, [4096, 2048 + random.integer(6144), random.integer(65536)])
  return { columnsLog2, rowsLog2, gain: Uint16Array.from({ length }, entry) }
}

/** Tiles of any size that the settings allow, weighted towards small ones. */
export function randomTiles(random: Random, width: number, height: number, most: number): TileSettings {
  const smallest = Math.max(16, Math.ceil(Math.max(width, height) / 32))
  const size = Math.min(256, smallest + random.integer(pick(random, [1, 20, 100])))
  const margin = 4 + random.integer(Math.min(61, Math.floor((size - 8) / 2) - 3))
  const count = tileCount(width, size) * tileCount(height, size)
  return { size, margin, variance: Uint32Array.from({ length: count }, () => random.integer(most)) }
}
