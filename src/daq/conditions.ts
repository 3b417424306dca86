import { GemgateError } from '../core/errors.ts'
import type { Configuration } from '../device/frame-loader.ts'
import type { Frame } from '../frame/frame.ts'
import { checkPedestalFits, type Pedestal } from '../frame/pedestal.ts'
import { spatialPedestal } from '../frame/spatial-pedestal.ts'
import {
  type CalibrationOptions,
  calibrate,
  chooseBinning,
  paddedSide,
  padPixels,
} from '../trigger/calibrate.ts'
import { pedestalWords } from '../trigger/pedestal-words.ts'

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
 * them, on the first frame.
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
      checkPedestalFits(pedestal, frame)
      configuration ??= configure(pedestal, dark.length > 0 ? dark : [frame], options)
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
      return configure(spatialPedestal(frame), [frame], { ...options, skewed: true })
    },
  }
}

/** Pixels per side below which a picture has no background to measure. */
const smallestSide = 16

function checkSize({ width, height, source }: Frame): void {
  if (Math.min(width, height) >= smallestSide) return
  throw new GemgateError(
    'GG_FRAME_GEOMETRY',
    `${width}x${height} pixels are too few for a frame`,
    `Frames have at least ${smallestSide} rows and columns; tables of points are no frames.`,
    { file: source },
  )
}

function configure(pedestal: Pedestal, noise: readonly Frame[], options: ConditionOptions): Configuration {
  const { width, height, pixelPitch } = noise[0]!
  const binning = options.binning ?? chooseBinning(width, height, pixelPitch)
  const padded = {
    width: paddedSide(width, binning),
    height: paddedSide(height, binning),
    binning,
  }
  const words = pedestalWords(pedestal, padded.width, padded.height)
  const frames = noise.map((frame) => padPixels(frame.pixels, width, height, padded.width, padded.height))
  return { settings: calibrate(padded, words, frames, options), pedestal: words }
}
