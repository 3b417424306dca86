/**
 * Keeps residuals above `nsigma` times the rms of their pixel, in the rows [first, end); 0 elsewhere.
 * All arrays are row-major with `width` columns.
 */
export function suppressZeros(
  residual: Float32Array,
  sigma: Float32Array,
  width: number,
  nsigma: number,
  [first, end]: readonly [first: number, end: number],
): Float32Array {
  const kept = new Float32Array(residual.length)
  for (let i = first * width, stop = Math.min(kept.length, end * width); i < stop; i++)
    if (residual[i]! > nsigma * sigma[i]!) kept[i] = residual[i]!
  return kept
}
