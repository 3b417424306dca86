import { GemgateError } from '../core/errors.ts'
import type { CalibrationOptions, Noise } from './calibration-options.ts'
import { clippedSigma, filterNoise, liveMacroPixels, macroNoise, regionGains } from './filter-noise.ts'
import { maskedSigma } from './pedestal-words.ts'
import { limitedWeights, photoelectronWeights } from './pixel-weights.ts'
import { Preprocessor } from './preprocessor.ts'
import type { CommonModeLimits, PixelWeights, TriggerSettings } from './settings.ts'
import { tileThresholds } from './tile-thresholds.ts'

/** For cameras after a pedestal run, and for pictures whose noise is not Gaussian. */
const defaultSettings = {
  normal: { sigmaLow: 4, sigmaHigh: 8, link: 4 },
  skewed: { sigmaLow: 2.5, sigmaHigh: 8, link: 2 },
} as const

/** Common mode is told by the macro-pixels within this many standard deviations of their noise. */
const commonModeSigma = 4

/**
 * Settings whose thresholds follow the noise that the logic really sees: the frames go through the integer datapath
 * and the noise of the filter output is measured, where tracks do not matter. Region gains and tile thresholds do need
 * frames without tracks, the more the better, and not those that the pedestal was made of: their noise is smaller.
 * Throws GG_PEDESTAL without frames.
 */
export function calibrate(
  geometry: { readonly width: number; readonly height: number; readonly binning: 1 | 2 | 4 },
  pedestal: Uint32Array,
  frames: readonly Noise[],
  options: CalibrationOptions = {},
): TriggerSettings {
  const [first] = frames
  if (first === undefined)
    throw new GemgateError('GG_PEDESTAL', 'no frame to measure the noise with', 'Give at least one frame.')
  const { skewed = false } = options
  const defaults = skewed ? defaultSettings.skewed : defaultSettings.normal
  const { width, height, binning } = geometry
  const plain: TriggerSettings = {
    width,
    height,
    binning,
    clipLow: Math.round(16 * (options.clipLow ?? 100)),
    clipHigh: Math.round(16 * (options.clipHigh ?? 5000)),
    weights: chooseWeights(pedestal, options),
    commonMode: null,
    gains: null,
    thresholdLow: 1,
    thresholdHigh: 1,
    link: options.link ?? defaults.link,
    minimumPixels: options.minimumPixels ?? 1,
    tiles: options.tileSigma === null ? null : tileThresholds(geometry, pedestal, frames, options),
  }
  const live = liveMacroPixels(geometry, pedestal)
  const commonMode = (options.commonMode ?? !skewed) ? commonModeLimits(plain, pedestal, first, live) : null
  const settings = { ...plain, commonMode }
  const preprocessor = new Preprocessor()
  const { offset, sigma, gains } =
    (options.regionGains ?? !skewed) && options.maximumRegions !== 0
      ? { offset: 0, ...regionGains(settings, pedestal, frames, preprocessor, live, options.maximumRegions) }
      : { ...filterNoise(settings, pedestal, frames, preprocessor, live, skewed), gains: null }
  const threshold = (wanted: number): number =>
    Math.min(Math.max(1, Math.round(Math.max(0, offset) + wanted * sigma)), 33554431)
  return {
    ...settings,
    gains,
    thresholdLow: threshold(options.sigmaLow ?? defaults.sigmaLow),
    thresholdHigh: threshold(options.sigmaHigh ?? defaults.sigmaHigh),
  }
}

/** Null where the pedestal knows no noise. */
function chooseWeights(
  pedestal: Uint32Array,
  { photoelectron, zeroSuppression, skewed }: CalibrationOptions,
): PixelWeights | null {
  const sigmas = Float64Array.from(pedestal, (word) => word >>> 20)
    .filter((sigma) => sigma !== maskedSigma)
    .sort()
  const sigma = (sigmas[sigmas.length >> 1] ?? 0) / 16
  if (sigma === 0 || skewed === true) return null
  if (photoelectron !== undefined && photoelectron !== null) return photoelectronWeights(sigma, photoelectron)
  return limitedWeights(
    sigma,
    zeroSuppression === undefined || zeroSuppression === null ? {} : { zeroSuppression },
  )
}

function commonModeLimits(
  settings: TriggerSettings,
  pedestal: Uint32Array,
  frame: Noise,
  live: Uint8Array,
): CommonModeLimits {
  const { content, search } = macroNoise(settings, pedestal, frame)
  const limit = (values: Int32Array): number =>
    Math.min(Math.max(1, Math.round(commonModeSigma * clippedSigma(values, live))), 131071)
  return { content: limit(content), search: limit(search) }
}
