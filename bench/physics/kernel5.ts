/** One direction of the kernel of the logic, see src/trigger/matched-filter.ts. */
const taps = [1, 4, 6, 4, 1] as const

/** The binomial 5 x 5 kernel of the logic in floating point, zeros outside. */
export function kernel5(image: Float32Array, width: number, height: number): Float32Array {
  return convolve(image, width, height, taps)
}

/** Noise after `kernel5` of independent noise; infinite noise counts as a value that is always 0. */
export function blurredNoise(noise: Float32Array, width: number, height: number): Float32Array {
  const variance = noise.map((sigma) => (sigma === Number.POSITIVE_INFINITY ? 0 : sigma * sigma))
  const squared = taps.map((tap) => tap * tap)
  return convolve(variance, width, height, squared).map((v) =>
    v > 0 ? Math.sqrt(v) : Number.POSITIVE_INFINITY,
  )
}

function convolve(
  image: Float32Array,
  width: number,
  height: number,
  weights: readonly number[],
): Float32Array {
  const down = new Float32Array(image.length)
  const out = new Float32Array(image.length)
  weights.forEach((weight, k) => {
    const shift = k - 2
    for (let y = Math.max(0, -shift); y < Math.min(height, height - shift); y++) {
      const to = y * width
      const from = (y + shift) * width
      for (let x = 0; x < width; x++) down[to + x]! += weight * image[from + x]!
    }
  })
  weights.forEach((weight, k) => {
    const shift = k - 2
    const first = Math.max(0, -shift)
    const end = Math.min(width, width - shift)
    for (let y = 0; y < height; y++) {
      const row = y * width
      for (let x = first; x < end; x++) out[row + x]! += weight * down[row + x + shift]!
    }
  })
  return out
}
