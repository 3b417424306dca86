import { GemgateError } from '../core/errors.ts'
import type { Frame } from './frame.ts'
import type { Pedestal } from './pedestal.ts'
import { checkGeometry } from './picture.ts'
import { medianInPlace, quantisationSigma, spread } from './robust.ts'

export interface FinishOptions {
  /** Robust standard deviations from the typical pixel at which a pixel is masked; default 10. */
  readonly hotSigma?: number
}

/** Sums of differences to the first frame stay exact in 32 bits up to this many frames. */
const mostFrames = 32_767

/** A pixel that never changed in this many frames or more is dead; in fewer it may be chance. */
const framesForDead = 10

/**
 * Mean and standard deviation per pixel from a stream of dark frames, without keeping the frames: exact
 * integer sums of x - x0 and (x - x0)^2 around the first frame. 22 bytes per pixel.
 */
export class PedestalBuilder {
  readonly #width: number
  readonly #height: number
  readonly #first: Uint16Array
  readonly #sum: Int32Array
  readonly #squares: Float64Array
  #frames = 0

  /** Dimensions in pixels. */
  constructor(width: number, height: number) {
    checkGeometry('pedestal', width, height)
    this.#width = width
    this.#height = height
    this.#first = new Uint16Array(width * height)
    this.#sum = new Int32Array(width * height)
    this.#squares = new Float64Array(width * height)
  }

  /** Frames added so far. */
  get frames(): number {
    return this.#frames
  }

  /** Adds a frame; GG_FRAME_GEOMETRY if its shape differs, GG_PEDESTAL after 32 767 frames. */
  add(frame: Frame): void {
    if (frame.width !== this.#width || frame.height !== this.#height)
      throw new GemgateError(
        'GG_FRAME_GEOMETRY',
        `frame ${frame.source} has ${frame.width} x ${frame.height} pixels and the pedestal ${this.#width} x ${this.#height}`,
        'Make a pedestal from frames of one camera and one binning',
      )
    if (this.#frames === mostFrames)
      throw new GemgateError('GG_PEDESTAL', `${mostFrames} frames are in already`, 'Use a few hundred frames')
    const { pixels } = frame
    this.#frames++
    if (this.#frames === 1) {
      this.#first.set(pixels)
      return
    }
    const first = this.#first
    const sum = this.#sum
    const squares = this.#squares
    for (let i = 0; i < first.length; i++) {
      const d = pixels[i]! - first[i]!
      sum[i] = sum[i]! + d
      squares[i] = squares[i]! + d * d
    }
  }

  /**
   * The pedestal so far; more frames may be added afterwards. Throws GG_PEDESTAL for fewer than two frames.
   *
   * Masked (`hot` = 1) is a pixel whose sigma lies `hotSigma` robust standard deviations above the median
   * sigma, whose mean lies as far from the median of its row (rows, because CMOS sensors have stripes and
   * bright bands that are no defect), or which never changed in ten frames or more while others did.
   */
  finish(options: FinishOptions = {}): Pedestal {
    const { hotSigma = 10 } = options
    if (!(hotSigma > 0))
      throw new GemgateError(
        'GG_SETTINGS',
        `hotSigma is ${hotSigma}`,
        'Use a positive number, usually 5 to 20',
      )
    const n = this.#frames
    if (n < 2)
      throw new GemgateError(
        'GG_PEDESTAL',
        `a standard deviation needs two frames or more, and ${n} came`,
        'Take a pedestal run (GEM off or lens cap on), or use spatialPedestal for a single picture',
      )
    const count = this.#first.length
    const mean = new Float32Array(count)
    const sigma = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const sum = this.#sum[i]!
      mean[i] = this.#first[i]! + sum / n
      sigma[i] = Math.sqrt(Math.max(0, n * this.#squares[i]! - sum * sum) / (n * (n - 1)))
    }
    const hot = this.#mask(mean, sigma, hotSigma)
    return { width: this.#width, height: this.#height, mean, sigma, hot, frames: n }
  }

  #mask(mean: Float32Array, sigma: Float32Array, hotSigma: number): Uint8Array {
    const hot = new Uint8Array(mean.length)
    const offsets = rowResiduals(mean, this.#width, this.#height)
    const noise = spread(sigma)
    const level = spread(offsets)
    const noiseLimit =
      noise.median + hotSigma * Math.max(noise.sigma, quantisationSigma / Math.sqrt(this.#frames))
    const levelLimit = hotSigma * Math.max(level.sigma, quantisationSigma)
    const dead = this.#frames >= framesForDead && noise.median > 0
    for (let i = 0; i < hot.length; i++) {
      const s = sigma[i]!
      if (s > noiseLimit || Math.abs(offsets[i]! - level.median) > levelLimit || (dead && s === 0)) hot[i] = 1
    }
    return hot
  }
}

function rowResiduals(mean: Float32Array, width: number, height: number): Float32Array {
  const residuals = new Float32Array(mean.length)
  const row = new Float32Array(width)
  for (let y = 0; y < height; y++) {
    row.set(mean.subarray(y * width, (y + 1) * width))
    const median = medianInPlace(row)
    for (let i = y * width; i < (y + 1) * width; i++) residuals[i] = mean[i]! - median
  }
  return residuals
}
