import { GemgateError } from '../core/errors.ts'
import type { Frame } from './frame.ts'

/** What the camera reads without light: per pixel, row-major, `width * height` of each. */
export interface Pedestal {
  readonly width: number
  readonly height: number
  /** Mean in ADU. */
  readonly mean: Float32Array
  /** Standard deviation (n - 1) in ADU. */
  readonly sigma: Float32Array
  /** 1 = pixel excluded: hot, dead, or otherwise unusable. */
  readonly hot: Uint8Array
  /** Frames that it was made from; 1 for a spatial estimate, 0 when unknown. */
  readonly frames: number
}

/** Throws GG_PEDESTAL unless the pedestal has the geometry of the frame. */
export function checkPedestalFits(
  pedestal: Pick<Pedestal, 'width' | 'height'>,
  frame: Pick<Frame, 'width' | 'height' | 'source'>,
): void {
  if (pedestal.width === frame.width && pedestal.height === frame.height) return
  throw new GemgateError(
    'GG_PEDESTAL',
    `the pedestal has ${pedestal.width} x ${pedestal.height} pixels and the frame ${frame.source} ${frame.width} x ${frame.height}`,
    'Use a pedestal taken with the same camera and binning',
  )
}
