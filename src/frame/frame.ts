import type { Truth } from './truth.ts'

/** One camera picture: a flat array of ADU with its geometry and its place in time. */
export interface Frame {
  /** Row-major ADU, `width * height` of them; row 0 is read out first. */
  readonly pixels: Uint16Array
  /** Columns. */
  readonly width: number
  /** Rows. */
  readonly height: number
  /** Significant bits of a pixel, 8 to 16. */
  readonly bitDepth: number
  /** Always row-major in memory; readers turn other orders into this one. */
  readonly pixelOrder: 'row-major'
  /** Start of exposure, seconds since 1970-01-01 UTC; 0 when unknown. */
  readonly time: number
  /** Exposure in seconds; 0 when unknown. */
  readonly exposure: number
  /** Sequence number within its source, from 0. */
  readonly number: number
  /** Where it came from: a path, `path#dataset`, or `synthetic:seed`. */
  readonly source: string
  /** Width of a pixel in the object plane in mm, where known (0.1502 for LIME). */
  readonly pixelPitch?: number
  /** ADU of one detected photon, where known: photoelectrons stand out of the noise of good cameras. */
  readonly photoelectron?: number
  /** What was simulated, for synthetic frames. */
  readonly truth?: Truth
}
