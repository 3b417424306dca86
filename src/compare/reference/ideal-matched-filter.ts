import { GemgateError } from '../../core/errors.ts'

/**
 * The kernel ends at this many sigma: 2.2e-5 of the signal-to-noise ratio are lost by that, 1 - erf(3) in
 * each direction of the squared template, half of it in the ratio.
 */
const reach = 3

/**
 * The ideal observer of round spots: a Gaussian matched filter in floating point at full resolution. For a
 * template g and independent noise sigma of each pixel the output is
 *
 *     sum(g r / sigma^2) / sqrt(sum(g^2 / sigma^2)),
 *
 * the best estimate of the spot's light over its error: in the dark a normal deviate of variance 1, and no
 * linear filter has a larger mean for a spot of this shape. Near the edges the template is cut.
 */
export class IdealMatchedFilter {
  readonly width: number
  readonly height: number
  readonly #kernel: Float64Array
  readonly #weight: Float32Array
  readonly #scale: Float32Array
  readonly #scratch: Float32Array

  /**
   * @param sigmaPixels standard deviation of the spot in pixels, above 0
   * @param noise per pixel, row-major, in ADU; infinite for a pixel that is to be ignored. Throws GG_SETTINGS.
   */
  constructor(width: number, height: number, sigmaPixels: number, noise: Float32Array) {
    const positive = noise.every((sigma) => sigma > 0)
    if (!(sigmaPixels > 0) || noise.length !== width * height || !positive)
      throw new GemgateError(
        'GG_SETTINGS',
        `no matched filter for a spot of ${sigmaPixels} pixels on ${width} x ${height} with ${noise.length} noise values`,
        'Give a positive width of the spot and a positive noise for every pixel.',
      )
    this.width = width
    this.height = height
    this.#kernel = gaussian(sigmaPixels)
    this.#scratch = new Float32Array(noise.length)
    this.#weight = noise.map((sigma) => 1 / (sigma * sigma))
    const squared = this.#kernel.map((value) => value * value)
    this.#scale = new Float32Array(noise.length)
    convolve(this.#weight, width, height, squared, this.#scale, this.#scratch)
    for (let i = 0; i < noise.length; i++)
      this.#scale[i] = this.#scale[i]! > 0 ? 1 / Math.sqrt(this.#scale[i]!) : 0
  }

  /** Signal-to-noise ratio of a spot centred on each pixel. `residual` in ADU, pedestal subtracted. */
  apply(residual: Float32Array, output = new Float32Array(residual.length)): Float32Array {
    const weight = this.#weight
    const scale = this.#scale
    for (let i = 0; i < residual.length; i++) output[i] = residual[i]! * weight[i]!
    convolve(output, this.width, this.height, this.#kernel, output, this.#scratch)
    for (let i = 0; i < output.length; i++) output[i]! *= scale[i]!
    return output
  }
}

/** Values of a Gaussian with its centre in the middle, as far as `reach`. */
function gaussian(sigma: number): Float64Array {
  const radius = Math.ceil(reach * sigma)
  return Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2))
}

/** Separable convolution with a kernel of odd length, zeros outside. `output` may be `image`. */
function convolve(
  image: Float32Array,
  width: number,
  height: number,
  kernel: Float64Array,
  output: Float32Array,
  scratch: Float32Array,
): void {
  convolveAndTranspose(image, width, height, kernel, scratch)
  convolveAndTranspose(scratch, height, width, kernel, output)
}

/** Convolves the rows and writes them as columns; four outputs at a time share every value they read. */
function convolveAndTranspose(
  image: Float32Array,
  width: number,
  height: number,
  kernel: Float64Array,
  output: Float32Array,
): void {
  const taps = kernel.length
  const padded = new Float64Array(width + taps + 3)
  for (let y = 0; y < height; y++) {
    padded.set(image.subarray(y * width, (y + 1) * width), taps >> 1)
    for (let x = 0; x < width; x += 4) {
      let a = padded[x]!
      let b = padded[x + 1]!
      let c = padded[x + 2]!
      let sumA = 0
      let sumB = 0
      let sumC = 0
      let sumD = 0
      for (let j = 0; j < taps; j++) {
        const d = padded[x + 3 + j]!
        const k = kernel[j]!
        sumA += k * a
        sumB += k * b
        sumC += k * c
        sumD += k * d
        a = b
        b = c
        c = d
      }
      const to = x * height + y
      output[to] = sumA
      // Beyond the last column these lie behind the end of the array, which drops them.
      output[to + height] = sumB
      output[to + 2 * height] = sumC
      output[to + 3 * height] = sumD
    }
  }
}
