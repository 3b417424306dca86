import { weightOrigin } from './pixel-stage.ts'
import { type PixelWeights, weightEntries } from './settings.ts'

/** Entries that a standard deviation of the pixel noise should span, at least. */
const entriesPerSigma = 9

/** Sigma as which a photoelectron counts at most, and residuals. */
const clearPhotoelectron = 1.5
const highestResidual = 6

/** Largest entry of a table whose scale is free. */
const fullScale = 2047

/**
 * How strongly a pixel speaks for light, as a table over its residual. With photoelectrons that stand out of the noise
 * (4.2 ADU each in an ORCA-Fusion with 3.3 ADU of noise), the best sum over pixels is not that of the residuals: light
 * comes as whole photoelectrons, so a residual near one or two of them is worth more than the same light spread evenly.
 * The table holds the logarithm of the likelihood ratio between `expected` photoelectrons on average in a pixel (Poisson)
 * and none, in Gaussian noise, for small expectations: ln(1 + expected (exp(a r - a^2 / 2) - 1)), r and a (the
 * photoelectron) in sigma. Residuals above `limit` photoelectrons count as that many, so that a single new hot pixel
 * cannot make a cluster. The mean over the noise is subtracted and the scale is free: the largest entry is 2047. Where a
 * photoelectron stands clear of the noise, single pixels in the tail of the noise would decide: there it counts as 1.5
 * sigma, and residuals as at most 6.
 * @param sigma noise of a typical pixel, ADU
 * @param photoelectron ADU
 */
export function photoelectronWeights(
  sigma: number,
  photoelectron: number,
  { expected = 0.2, limit = 4 }: { readonly expected?: number; readonly limit?: number } = {},
): PixelWeights {
  const a = Math.min(photoelectron / sigma, clearPhotoelectron)
  const highest = Math.min((limit * photoelectron) / sigma, highestResidual)
  return tabulate(sigma, (residual) => {
    const r = Math.min(residual / sigma, highest)
    return Math.log1p(expected * Math.expm1(a * r - (a * a) / 2))
  })
}

/**
 * Residuals limited to +-`limit` sigma, for cameras whose conversion gain is unknown; with `zeroSuppression`, those not
 * above that many sigma count as 0.
 */
export function limitedWeights(
  sigma: number,
  { limit = 8, zeroSuppression }: { readonly limit?: number; readonly zeroSuppression?: number } = {},
): PixelWeights {
  return tabulate(sigma, (residual) =>
    zeroSuppression !== undefined && residual <= zeroSuppression * sigma
      ? 0
      : Math.min(Math.max(residual, -limit * sigma), limit * sigma),
  )
}

/** A function of the residual in ADU as a table with zero mean over Gaussian noise and a largest entry of 2047. */
function tabulate(sigma: number, weight: (residual: number) => number): PixelWeights {
  let shift = 0
  while (shift < 7 && (16 * sigma) / 2 ** (shift + 1) >= entriesPerSigma) shift++
  // The residual in the middle of what an entry stands for, in ADU.
  const middle = (entry: number): number => ((entry - weightOrigin) * 2 ** shift + (2 ** shift - 1) / 2) / 16
  const values = Array.from({ length: weightEntries }, (_, entry) => weight(middle(entry)))
  let mean = 0
  let norm = 0
  values.forEach((value, entry) => {
    const density = Math.exp(-0.5 * (middle(entry) / sigma) ** 2)
    mean += density * value
    norm += density
  })
  const centred = values.map((value) => value - mean / norm)
  const largest = Math.max(...centred.map(Math.abs))
  return { shift, table: Int16Array.from(centred, (value) => Math.round((value * fullScale) / largest)) }
}
