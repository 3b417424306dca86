import { GemgateError } from '../core/errors.ts'
import type { Configuration } from '../device/frame-loader.ts'
import type { Frame } from '../frame/frame.ts'
import { checkPedestalFits, type Pedestal } from '../frame/pedestal.ts'
import { spatialPedestal } from '../frame/spatial-pedestal.ts'
import { calibrate } from '../trigger/calibrate.ts'
import type { CalibrationOptions } from '../trigger/calibration-options.ts'
import { chooseBinning, paddedSide, padPixels } from '../trigger/geometry.ts'
import { pedestalWords } from '../trigger/pedestal-words.ts'
import { limits } from '../trigger/settings.ts'

/** Where pedestal and thresholds of a frame come from. The same object comes back while nothing changes. */
export interface Conditions {
  /** For people: what was used. */
  readonly description: string
  /** Throws GG_PEDESTAL or GG_FRAME_GEOMETRY for a frame that cannot be processed. */
  forFrame(frame: Frame): Configuration
}

export interface ConditionOptions extends CalibrationOptions {
  /** Pixels per macro-pixel side; chosen from pixel pitch or frame size when absent. */
  readonly binning?: 1 | 2 | 4
}

/**
 * A pedestal run: per-pixel mean and sigma. Thresholds are calibrated once, on `dark` frames or, without
 * them, on the first frame; the tile trigger needs dark frames and is off without them.
 */
export function pedestalConditions(
  pedestal: Pedestal,
  dark: readonly Frame[],
  description: string,
  options: ConditionOptions = {},
): Conditions {
  let configuration: Configuration | undefined
  return {
    description,
    forFrame(frame) {
      checkSize(frame)
      checkPedestalFits(pedestal, frame)
      if (configuration === undefined) {
        checkPedestalUsable(pedestal, frame)
        // Tile thresholds and region gains need frames without tracks.
        configuration =
          dark.length > 0
            ? configure(pedestal, dark, options)
            : configure(pedestal, [frame], { ...options, tileSigma: null, regionGains: false })
      }
      return configuration
    },
  }
}

/**
 * No pedestal run: background and noise of every frame are estimated from the frame itself (median and
 * median absolute deviation over tiles). For display pictures and single frames.
 */
export function spatialConditions(options: ConditionOptions = {}): Conditions {
  return {
    description: 'estimated from each frame (no pedestal run)',
    forFrame(frame) {
      checkSize(frame)
      return configure(spatialPedestal(frame), [frame], { ...options, skewed: true, tileSigma: null })
    },
  }
}

/** Pixels per side below which a picture has no background to measure. */
const smallestSide = 16

/** Sigma by which the frames may lie beside the pedestal before it counts as one of another run. */
const largestShift = 3

/** Throws GG_PEDESTAL for a pedestal that can only give nonsense on this frame. */
function checkPedestalUsable(pedestal: Pedestal, frame: Frame): void {
  const step = Math.max(1, Math.floor(frame.pixels.length / 50_000))
  const shifts: number[] = []
  let masked = 0
  let noiseless = 0
  let seen = 0
  for (let i = 0; i < frame.pixels.length; i += step, seen++) {
    if (pedestal.hot[i] !== 0) masked++
    else if (!(pedestal.sigma[i]! > 0)) noiseless++
    else shifts.push((frame.pixels[i]! - pedestal.mean[i]!) / pedestal.sigma[i]!)
  }
  const shift = shifts.sort((a, b) => a - b)[shifts.length >> 1] ?? 0
  const problem =
    masked > seen / 2
      ? `masks ${((100 * masked) / seen).toFixed(0)} % of the pixels`
      : noiseless > seen / 2
        ? 'has no noise (sigma 0) in most pixels'
        : Math.abs(shift) > largestShift
          ? `lies ${Math.abs(shift).toFixed(0)} sigma ${shift > 0 ? 'below' : 'above'} ${frame.source}`
          : undefined
  if (problem === undefined) return
  throw new GemgateError(
    'GG_PEDESTAL',
    `the pedestal ${problem}`,
    'Use dark frames of the same camera, exposure and run period.',
    { file: frame.source },
  )
}

function checkSize({ width, height, source }: Frame): void {
  if (Math.max(width, height) > limits.maximumSide)
    throw new GemgateError(
      'GG_FRAME_GEOMETRY',
      `${width}x${height} pixels are more than the logic takes`,
      `Frames have at most ${limits.maximumSide} rows and columns; crop or bin them.`,
      { file: source },
    )
  if (Math.min(width, height) >= smallestSide) return
  throw new GemgateError(
    'GG_FRAME_GEOMETRY',
    `${width}x${height} pixels are too few for a frame`,
    `Frames have at least ${smallestSide} rows and columns; tables of points are no frames.`,
    { file: source },
  )
}

function configure(pedestal: Pedestal, noise: readonly Frame[], options: ConditionOptions): Configuration {
  const { width, height, pixelPitch, photoelectron } = noise[0]!
  const binning = options.binning ?? chooseBinning(width, height, pixelPitch)
  const padded = {
    width: paddedSide(width, binning),
    height: paddedSide(height, binning),
    binning,
  }
  if (Math.max(padded.width, padded.height) > limits.maximumMacroSide * binning)
    throw new GemgateError(
      'GG_FRAME_GEOMETRY',
      `${width}x${height} pixels with a binning of ${binning} are more than ${limits.maximumMacroSide} macro-pixels a side`,
      'Use a larger --binning.',
      { file: noise[0]!.source },
    )
  const words = pedestalWords(pedestal, padded.width, padded.height)
  const frames = noise.map((frame) => padPixels(frame.pixels, width, height, padded.width, padded.height))
  return {
    settings: calibrate(padded, words, frames, {
      ...(photoelectron === undefined ? {} : { photoelectron }),
      ...options,
    }),
    pedestal: words,
  }
}
