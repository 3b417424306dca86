import { weightOrigin } from '../../src/trigger/pixel-stage.ts'
import type { PixelWeights } from '../../src/trigger/settings.ts'

/** Weights of residuals in ADU, as the logic looks them up, in ADU. */
export function weighResidual(residual: Float32Array, { shift, table }: PixelWeights): Float32Array {
  return residual.map((value) => {
    const entry = (Math.round(16 * value) >> shift) + weightOrigin
    return table[Math.min(Math.max(entry, 0), table.length - 1)]! / 16
  })
}

/** Mean and standard deviation of the weight of each pixel in the dark; infinite noise stays infinite. */
export interface WeightNoise {
  readonly mean: Float32Array
  readonly sigma: Float32Array
}

/** @param sigma Gaussian noise of each pixel, ADU */
export function weightNoise(sigma: Float32Array, weights: PixelWeights): WeightNoise {
  const known = new Map<number, readonly [mean: number, sigma: number]>([
    [Number.POSITIVE_INFINITY, [0, Number.POSITIVE_INFINITY]],
  ])
  const moments = Array.from(sigma, (value) => {
    // Noise is known to a few per cent; 1/16 ADU is fine enough.
    const sixteenths = Math.max(1, Math.round(16 * value))
    const own = known.get(sixteenths) ?? momentsOfWeight(sixteenths, weights)
    known.set(sixteenths, own)
    return own
  })
  return { mean: Float32Array.from(moments, ([m]) => m), sigma: Float32Array.from(moments, ([, s]) => s) }
}

/** Mean and standard deviation for one noise in 1/16 ADU. */
function momentsOfWeight(sixteenths: number, { shift, table }: PixelWeights): readonly [number, number] {
  const reach = 6 * sixteenths
  let [norm, sum, squares] = [0, 0, 0]
  for (let residual = -reach; residual <= reach; residual++) {
    const density = Math.exp(-0.5 * (residual / sixteenths) ** 2)
    const weight = table[Math.min(Math.max((residual >> shift) + weightOrigin, 0), table.length - 1)]! / 16
    norm += density
    sum += density * weight
    squares += density * weight * weight
  }
  const mean = sum / norm
  return [mean, Math.sqrt(squares / norm - mean * mean)]
}
