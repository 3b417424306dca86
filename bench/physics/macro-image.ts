/** Macro-pixels farther than this many sigma from 0 do not count in the common mode of their row. */
const commonModeLimit = 4

/** Limits every residual to `limit` sigma of its pixel, in place. */
export function limitResidual(residual: Float32Array, sigma: Float32Array, limit: number): void {
  for (let i = 0; i < residual.length; i++) {
    const most = limit * sigma[i]!
    residual[i] = Math.min(most, Math.max(-most, residual[i]!))
  }
}

/** Sums of size x size residuals, without pixels of infinite noise. */
export function binResidual(
  residual: Float32Array,
  sigma: Float32Array,
  width: number,
  height: number,
  size: number,
): Float32Array {
  const columns = width / size
  const out = new Float32Array(columns * (height / size))
  for (let y = 0; y < height; y++) {
    const to = Math.floor(y / size) * columns
    const from = y * width
    for (let x = 0; x < width; x++)
      if (sigma[from + x] !== Number.POSITIVE_INFINITY) out[to + Math.floor(x / size)]! += residual[from + x]!
  }
  return out
}

/** Noise of each sum that `binResidual` gives; infinite where all pixels are ignored. */
export function binNoise(sigma: Float32Array, width: number, height: number, size: number): Float32Array {
  const variance = binResidual(
    sigma.map((s) => s * s),
    sigma,
    width,
    height,
    size,
  )
  return variance.map((v) => (v > 0 ? Math.sqrt(v) : Number.POSITIVE_INFINITY))
}

/** Subtracts from every row the mean of its macro-pixels within four sigma of 0, in place. */
export function removeMacroRowCommonMode(image: Float32Array, noise: Float32Array, width: number): void {
  for (let from = 0; from < image.length; from += width) {
    let sum = 0
    let count = 0
    for (let i = from; i < from + width; i++)
      if (Math.abs(image[i]!) <= commonModeLimit * noise[i]! && noise[i]! !== Number.POSITIVE_INFINITY) {
        sum += image[i]!
        count++
      }
    const mean = count > 0 ? sum / count : 0
    for (let i = from; i < from + width; i++) if (noise[i]! !== Number.POSITIVE_INFINITY) image[i]! -= mean
  }
}
