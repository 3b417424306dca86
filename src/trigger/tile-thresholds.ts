import type { CalibrationOptions, Noise } from './calibration-options.ts'
import { type TileSettings, type TriggerSettings, tileCount } from './settings.ts'
import { tileDeviations, tileStatistics } from './tile-trigger.ts'

/**
 * CYGNO's procedure (CYGNUS-RD/middleware, dev/trigger_subimage.py): per tile the mean and standard
 * deviation over the frames of the pixels' standard deviation, values beyond 5 sigma removed in at most five
 * rounds, threshold = mean + tileSigma * deviation. Fewer than eight frames do not tell the deviation: it then
 * counts as at least 2 % of the mean.
 */
export function tileThresholds(
  settings: Pick<TriggerSettings, 'width' | 'height'>,
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
