import { GemgateError } from '../core/errors.ts'
import { matchedFilter } from './matched-filter.ts'
import { binFrame } from './pixel-stage.ts'
import { type TileSettings, type TriggerSettings, tileCount } from './settings.ts'
import { tileDeviations, tileStatistics } from './tile-trigger.ts'

/** Thresholds in units of the noise of the filter output. */
export interface CalibrationOptions {
  /** Low threshold, default 2.5: keeps faint tracks in one piece. */
  readonly sigmaLow?: number
  /** High threshold, default 8: no false cluster in 12 empty LIME frames, while 6 gives about one per frame. */
  readonly sigmaHigh?: number
  readonly minimumPixels?: number
  /** Residuals are limited to this many ADU from below and above; default 100 and 5000. */
  readonly clipLow?: number
  readonly clipHigh?: number
  /** Zero suppression in sigma of the pixel; default null: off, the matched filter sees the whole noise. */
  readonly zeroSuppression?: number | null
  /** Tile-deviation trigger: sigma above the mean of each tile's deviation, CYGNO's is 5; null is off. */
  readonly tileSigma?: number | null
  readonly tileSize?: number
  readonly tileMargin?: number
  /** Take the upper side of skewed noise, for pictures whose noise is cut off at black; default false. */
  readonly skewed?: boolean
}

/** A frame's pixels, padded to the geometry. */
export type Noise = Uint16Array

/**
 * Settings whose thresholds follow the noise that the logic really sees: the frames go through the integer
 * datapath and the noise of the filter output is measured (filterNoise), where tracks do not matter. The tile
 * thresholds do need frames without tracks, the more the better.
 */
export function calibrate(
  geometry: { readonly width: number; readonly height: number; readonly binning: 1 | 2 | 4 },
  pedestal: Uint32Array,
  frames: readonly Noise[],
  options: CalibrationOptions = {},
): TriggerSettings {
  if (frames.length === 0)
    throw new GemgateError('GG_PEDESTAL', 'no frame to measure the noise with', 'Give at least one frame.')
  const { width, height, binning } = geometry
  const base: TriggerSettings = {
    width,
    height,
    binning,
    zeroSuppression:
      options.zeroSuppression === undefined || options.zeroSuppression === null
        ? null
        : Math.round(16 * options.zeroSuppression),
    clipLow: Math.round(16 * (options.clipLow ?? 100)),
    clipHigh: Math.round(16 * (options.clipHigh ?? 5000)),
    thresholdLow: 1,
    thresholdHigh: 1,
    minimumPixels: options.minimumPixels ?? 1,
    tiles: null,
  }
  const { offset, sigma: noise } = filterNoise(base, pedestal, frames, options.skewed)
  const threshold = (sigma: number): number =>
    Math.min(Math.max(1, Math.round(Math.max(0, offset) + sigma * noise)), 33554431)
  return {
    ...base,
    thresholdLow: threshold(options.sigmaLow ?? 2.5),
    thresholdHigh: threshold(options.sigmaHigh ?? 8),
    tiles: options.tileSigma === null ? null : tileThresholds(base, pedestal, frames, options),
  }
}

/**
 * Offset and standard deviation of the noise in the filter output, robust against tracks. After a pedestal
 * run the noise is symmetric about 0 and light is positive, so the negative side alone tells the noise.
 * `skewed` is for pictures that cut the noise off at black: median, and the larger of both sides, because
 * only fluctuations upwards make clusters.
 */
export function filterNoise(
  settings: TriggerSettings,
  pedestal: Uint32Array,
  frames: readonly Noise[],
  skewed = false,
): { offset: number; sigma: number } {
  const columns = settings.width / settings.binning
  const rows = settings.height / settings.binning
  const macro = new Int32Array(columns * rows)
  const filtered = new Int32Array(columns * rows)
  const scratch = new Int32Array(columns * rows)
  const measured = frames.map((pixels) => {
    binFrame(pixels, pedestal, settings, macro)
    matchedFilter(macro, columns, rows, filtered, scratch)
    const values = Int32Array.from(filtered).sort()
    if (!skewed) {
      const negative = values.filter((value) => value < 0)
      return { offset: 0, sigma: -1.4826 * (negative[negative.length >> 1] ?? 0) }
    }
    const median = values[values.length >> 1]!
    const deviations = values.map((value) => Math.abs(value - median)).sort()
    const symmetric = 1.4826 * deviations[deviations.length >> 1]!
    const upper = values[Math.floor(0.8413 * values.length)]! - median
    // An upper side much longer than that is light: a track that fills a sixth of the picture.
    return { offset: median, sigma: upper > 3 * symmetric ? symmetric : Math.max(upper, symmetric) }
  })
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
  return { offset: middle(measured.map((m) => m.offset)), sigma: middle(measured.map((m) => m.sigma)) }
}

/**
 * CYGNO's procedure (CYGNUS-RD/middleware, dev/trigger_subimage.py): per tile the mean and standard
 * deviation over the frames of the pixels' standard deviation, values beyond 5 sigma removed in at most five
 * rounds, threshold = mean + tileSigma * deviation. Fewer than eight frames do not tell the deviation: it then
 * counts as at least 2 % of the mean.
 */
function tileThresholds(
  settings: TriggerSettings,
  pedestal: Uint32Array,
  frames: readonly Noise[],
  options: CalibrationOptions,
): TileSettings {
  const { width, height } = settings
  const side = Math.max(width, height)
  const size = options.tileSize ?? Math.min(256, Math.max(16, Math.ceil(side / 12)))
  const margin = options.tileMargin ?? Math.min(64, Math.max(4, Math.floor(size / 6.4)))
  const deviations = frames.map((pixels) =>
    tileDeviations(tileStatistics(pixels, pedestal, width, height, { size, margin })),
  )
  const tiles = tileCount(width, size) * tileCount(height, size)
  const sigma = options.tileSigma ?? 5
  const variance = Uint32Array.from({ length: tiles }, (_, tile) => {
    const { mean, spread } = clippedMoments(deviations.map((values) => values[tile]!))
    const deviation = Math.max(spread, frames.length < 8 ? 0.02 * mean : 0)
    const threshold = mean + sigma * deviation
    return Math.min(Math.max(1, Math.round(16 * threshold * threshold)), 16777215)
  })
  return { size, margin, variance }
}

function clippedMoments(values: number[]): { mean: number; spread: number } {
  let kept = values
  for (let round = 0; ; round++) {
    const mean = kept.reduce((a, b) => a + b, 0) / kept.length
    const spread = Math.sqrt(kept.reduce((a, b) => a + (b - mean) ** 2, 0) / kept.length)
    const next = kept.filter((value) => Math.abs(value - mean) <= 5 * spread)
    if (round === 5 || next.length === kept.length || next.length === 0) return { mean, spread }
    kept = next
  }
}

/**
 * The binning that makes a macro-pixel about as wide as the diffused spot's sigma (0.6 mm): from the pixel
 * pitch in mm where known, else so that the macro-pixel image is about 400 wide.
 */
export function chooseBinning(width: number, height: number, pixelPitch?: number): 1 | 2 | 4 {
  const ratio = pixelPitch === undefined ? Math.max(width, height) / 400 : 0.6 / pixelPitch
  return ratio < Math.SQRT2 ? 1 : ratio < 2 * Math.SQRT2 ? 2 : 4
}

/** The smallest multiple of the binning that holds `pixels`, at least 4. */
export function paddedSide(pixels: number, binning: number): number {
  return Math.max(4, Math.ceil(pixels / binning) * binning)
}

/** `pixels` of a width x height frame in the upper left corner of a larger geometry, zeros around. */
export function padPixels(
  pixels: Uint16Array,
  width: number,
  height: number,
  paddedWidth: number,
  paddedHeight: number,
): Uint16Array {
  if (width === paddedWidth && height === paddedHeight) return pixels
  const padded = new Uint16Array(paddedWidth * paddedHeight)
  for (let y = 0; y < height; y++) padded.set(pixels.subarray(y * width, (y + 1) * width), y * paddedWidth)
  return padded
}
