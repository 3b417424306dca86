import type { NoiseMaps } from './residual.ts'

/** Residuals farther than this many sigma from the row's mean are taken for light or defects. */
const truncation = 3
/** Rounds after which less than a ten-thousandth of a common shift of half a sigma is left in normal noise. */
const rounds = 3

/**
 * Subtracts from every row of the residuals its own mean, weighted with the pixels' noise and truncated at
 * three sigma so that tracks and hot pixels do not count. In place.
 */
export function removeRowCommonMode(
  residual: Float32Array,
  { width, height, sigma }: Pick<NoiseMaps, 'width' | 'height' | 'sigma'>,
): void {
  for (let y = 0; y < height; y++) {
    const from = y * width
    const to = from + width
    let mean = 0
    for (let round = 0; round < rounds; round++) {
      let sum = 0
      let weights = 0
      for (let i = from; i < to; i++) {
        const s = sigma[i]!
        const difference = residual[i]! - mean
        if (difference > truncation * s || difference < -truncation * s) continue
        sum += residual[i]! / (s * s)
        weights += 1 / (s * s)
      }
      if (weights > 0) mean = sum / weights
    }
    for (let i = from; i < to; i++) residual[i]! -= mean
  }
}
