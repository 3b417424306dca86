import type { Band } from '../../models/data/band.ts'
import { type DetectorGeometry, totalSpread } from '../../sim/detector/index.ts'
import { IdealMatchedFilter } from '../../src/compare/reference/ideal-matched-filter.ts'
import { subtractPedestal } from '../../src/compare/reference/residual.ts'
import { removeRowCommonMode } from '../../src/compare/reference/row-common-mode.ts'
import type { Pedestal } from '../../src/frame/pedestal.ts'
import type { PixelWeights } from '../../src/trigger/settings.ts'
import { driftDistance, type Exposure } from './exposures.ts'
import { blurredNoise, kernel5 } from './kernel5.ts'
import { binNoise, binResidual, limitResidual, removeMacroRowCommonMode } from './macro-image.ts'
import { weighResidual, weightNoise } from './weighted-image.ts'

/** A map of signal-to-noise ratios on bins of `binning` x `binning` pixels; (x, y) is its first pixel on the sensor. */
export interface SnrMap {
  readonly values: Float32Array
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly binning: number
}

/**
 * The ideal linear observer, and the approximations of the logic one after the other, in floating point:
 * - ideal: Gaussian matched filter of the spot, per-pixel noise, row common mode of the pixels taken out;
 * - binning: the same on 4 x 4 sums;
 * - kernel: the binomial 5 x 5 kernel of the logic instead of the Gaussian;
 * - commonMode: the common mode per row of macro-pixels instead of per row of pixels;
 * - limit: every pixel limited to eight sigma from below and above, so that a hot pixel alone cannot fire;
 * - weights: the logic's table of weights instead, which knows that light comes in photoelectrons.
 * `photoelectrons` is what no approximation has touched: the Gaussian matched filter over these weights, which is no
 * linear filter of the pixels and may do better than `ideal`.
 */
export const observerSteps = [
  'photoelectrons',
  'ideal',
  'binning',
  'kernel',
  'commonMode',
  'limit',
  'weights',
] as const

export type ObserverStep = (typeof observerSteps)[number]

/** How each step comes by the sums of pixels and by their common mode. */
const recipes: Readonly<
  Record<ObserverStep, { pixels: 'plain' | 'limited' | 'weighted'; rows: 'pixels' | 'macro-pixels' }>
> = {
  photoelectrons: { pixels: 'weighted', rows: 'pixels' },
  ideal: { pixels: 'plain', rows: 'pixels' },
  binning: { pixels: 'plain', rows: 'pixels' },
  kernel: { pixels: 'plain', rows: 'pixels' },
  commonMode: { pixels: 'plain', rows: 'macro-pixels' },
  limit: { pixels: 'limited', rows: 'macro-pixels' },
  weights: { pixels: 'weighted', rows: 'macro-pixels' },
}

/** Pixels per side of a macro-pixel. */
const binning = 4

/** Sigma of a pixel to which step `limit` limits. */
const limitSigma = 8

/** Columns around the light in which the filter at full resolution is worked out: its reach of 3 sigma and some more. */
const windowMargin = 20

/** Noise of pixels and of macro-pixels. */
interface Noise {
  readonly pixels: Float32Array
  readonly bins: Float32Array
}

/** Signal-to-noise maps of exposures after each step. */
export class Observers {
  readonly #width: number
  readonly #mean: Float32Array
  readonly #weights: PixelWeights
  readonly #plain: Noise
  readonly #weighted: Noise
  readonly #meanWeight: Float32Array
  readonly #spot: number

  /** @param weights those of the trigger's settings */
  constructor(geometry: DetectorGeometry, pedestal: Pedestal, weights: PixelWeights) {
    const { width, height, mean, frames } = pedestal
    // A residual has the noise of the pedestal's mean in it too.
    const residualNoise = Math.sqrt(1 + 1 / frames)
    const sigma = pedestal.sigma.map((value, i) =>
      pedestal.hot[i] === 0 ? value * residualNoise : Number.POSITIVE_INFINITY,
    )
    const noise = (pixels: Float32Array): Noise => ({
      pixels,
      bins: binNoise(pixels, width, height, binning),
    })
    this.#width = width
    this.#mean = mean
    this.#weights = weights
    this.#plain = noise(sigma)
    const weighted = weightNoise(sigma, weights)
    this.#weighted = noise(weighted.sigma)
    this.#meanWeight = weighted.mean
    this.#spot = totalSpread(driftDistance, 0.8).transverse / geometry.pixelPitch
  }

  /** The map of a step for whole rows, or for the columns around a deposit. */
  map(step: ObserverStep, pixels: Uint16Array, band: Band, columns = { x: 0, width: this.#width }): SnrMap {
    const { firstRow, rows } = band
    const recipe = recipes[step]
    const { pixels: sigma, bins } = recipe.pixels === 'weighted' ? this.#weighted : this.#plain
    const noise = this.#rows(sigma, band)
    const image = this.#image(pixels, band, recipe)
    if (step === 'ideal' || step === 'photoelectrons') {
      const { x, width } = columns
      const cut = (whole: Float32Array): Float32Array => cutColumns(whole, this.#width, x, width)
      const filter = new IdealMatchedFilter(width, rows, this.#spot, cut(noise))
      return { values: filter.apply(cut(image)), x, y: firstRow, width, height: rows, binning: 1 }
    }
    const width = this.#width / binning
    const height = rows / binning
    const from = (firstRow / binning) * width
    const binnedNoise = bins.subarray(from, from + width * height)
    const binned = binResidual(image, noise, this.#width, rows, binning)
    if (recipe.rows === 'macro-pixels') removeMacroRowCommonMode(binned, binnedNoise, width)
    const place = { x: 0, y: firstRow, width, height, binning }
    if (step === 'binning') {
      // A bin adds the variance of its own width to the spot.
      const spot = Math.sqrt(this.#spot ** 2 + (binning ** 2 - 1) / 12) / binning
      return { values: new IdealMatchedFilter(width, height, spot, binnedNoise).apply(binned), ...place }
    }
    const values = kernel5(binned, width, height)
    const blurred = blurredNoise(binnedNoise, width, height)
    return { values: values.map((value, i) => value / blurred[i]!), ...place }
  }

  /** What is summed: residuals in ADU, limited or weighted, without the common mode of their rows if that is due here. */
  #image(
    pixels: Uint16Array,
    band: Band,
    { pixels: kind, rows }: (typeof recipes)[ObserverStep],
  ): Float32Array {
    const sigma = this.#rows(this.#plain.pixels, band)
    const residual = subtractPedestal(pixels, this.#rows(this.#mean, band))
    if (rows === 'pixels') removeRowCommonMode(residual, { width: this.#width, height: band.rows, sigma })
    if (kind === 'weighted') {
      const image = weighResidual(residual, this.#weights)
      // The logic does not know the mean weight of a pixel that is noisier than most; the observer does.
      if (rows === 'pixels') {
        const mean = this.#rows(this.#meanWeight, band)
        for (let i = 0; i < image.length; i++) image[i]! -= mean[i]!
      }
      return image
    }
    if (kind === 'limited') limitResidual(residual, sigma, limitSigma)
    return residual
  }

  /** Highest value of a step's map where a deposit left light. */
  highest(step: ObserverStep, { deposit, band, pixels }: Exposure): number {
    const at = Array.from(deposit.pixels, (pixel) => pixel % this.#width)
    const low = Math.max(0, Math.min(...at) - windowMargin)
    const high = Math.min(this.#width, Math.max(...at) + windowMargin + 1)
    const map = this.map(step, pixels, band, { x: low, width: high - low })
    return deposit.pixels.reduce((best, pixel) => Math.max(best, snrAt(map, pixel, this.#width)), -Infinity)
  }

  #rows(image: Float32Array, { firstRow, rows }: Band): Float32Array {
    return image.subarray(firstRow * this.#width, (firstRow + rows) * this.#width)
  }
}

function snrAt({ values, x, y, width, binning: size }: SnrMap, pixel: number, sensorWidth: number): number {
  const column = Math.floor(((pixel % sensorWidth) - x) / size)
  const row = Math.floor((Math.floor(pixel / sensorWidth) - y) / size)
  return values[row * width + column]!
}

function cutColumns(image: Float32Array, stride: number, x: number, width: number): Float32Array {
  if (x === 0 && width === stride) return image
  const rows = image.length / stride
  const out = new Float32Array(rows * width)
  for (let y = 0; y < rows; y++) out.set(image.subarray(y * stride + x, y * stride + x + width), y * width)
  return out
}
