import type { Random } from '../../src/core/random.ts'
import {
  addWindow,
  addWindows,
  fillFrames,
  framed,
  readFrames,
  spreadWindow,
  windowArea,
} from './convolution.ts'
import { type Activation, type Layer, LayerParameters } from './layer.ts'

/** How a block halves rows and columns: the maximum of 2x2 tiles, or a window at every second row and column. */
export type Reduction = 'maximum' | 'stride'

/**
 * A 3x3 convolution (zeros around the picture), reduced to half the rows and columns, then the activation. The
 * exported network has the activation before the maximum; both rise, so the numbers are the same, and here a
 * quarter of them is enough.
 */
export class ConvolutionBlock implements Layer {
  readonly inputs: number
  readonly outputs: number
  /** Rows and columns of the picture that comes in. */
  readonly size: number
  readonly reduction: Reduction
  readonly parameters: LayerParameters
  readonly activation: Activation
  readonly #planes: Float64Array
  readonly #planeGradient: Float64Array
  readonly #inputGradient: Float64Array
  readonly #sums: Float64Array
  readonly #output: Float64Array
  /** The pixel of each output: the middle of its window. */
  readonly #places: Uint16Array
  readonly #slopes: Uint8Array

  /** He initialisation from `random`. */
  constructor(
    inputs: number,
    outputs: number,
    size: number,
    reduction: Reduction,
    activation: Activation,
    random: Random,
  ) {
    this.inputs = inputs
    this.outputs = outputs
    this.size = size
    this.reduction = reduction
    this.activation = activation
    const spread = Math.sqrt(2 / (inputs * windowArea))
    const length = outputs * inputs * windowArea
    this.parameters = new LayerParameters(
      Float32Array.from({ length }, () => random.normal() * spread),
      outputs,
    )
    const reduced = (size / 2) ** 2
    this.#planes = framed(inputs, size)
    this.#planeGradient = framed(inputs, size)
    this.#inputGradient = new Float64Array(inputs * size * size)
    this.#sums = new Float64Array(reduction === 'maximum' ? size * size : reduced)
    this.#output = new Float64Array(outputs * reduced)
    this.#places = new Uint16Array(outputs * reduced)
    this.#slopes = new Uint8Array(outputs * reduced)
  }

  forward(input: Float64Array): Float64Array {
    const { inputs, outputs, size, reduction } = this
    const { usedWeights, usedBias } = this.parameters
    const plane = (size + 2) ** 2
    const step = reduction === 'maximum' ? 1 : 2
    fillFrames(this.#planes, input, inputs, size)
    for (let o = 0; o < outputs; o++) {
      this.#sums.fill(usedBias[o]!)
      for (let c = 0; c < inputs; c++)
        addWindows(
          this.#planes,
          c * plane,
          usedWeights,
          (o * inputs + c) * windowArea,
          this.#sums,
          size,
          step,
        )
      this.#reduce(o)
    }
    return this.#output
  }

  #reduce(channel: number): void {
    const { size, activation, reduction } = this
    const half = size / 2
    for (let tile = 0, to = channel * half * half; tile < half * half; tile++, to++) {
      const corner = 2 * Math.floor(tile / half) * size + 2 * (tile % half)
      const place = reduction === 'maximum' ? largestOf(this.#sums, corner, size) : corner
      const sum = this.#sums[reduction === 'maximum' ? place : tile]!
      this.#places[to] = place
      this.#slopes[to] = activation.slope(sum)
      this.#output[to] = activation.apply(sum)
    }
  }

  backward(gradient: Float64Array): Float64Array {
    const { inputs, outputs, size } = this
    const { usedWeights, weightGradient, biasGradient } = this.parameters
    const stride = size + 2
    const plane = stride * stride
    const reduced = (size / 2) ** 2
    this.#planeGradient.fill(0)
    for (let o = 0; o < outputs; o++)
      for (let i = o * reduced; i < (o + 1) * reduced; i++) {
        const g = this.#slopes[i]! * gradient[i]!
        if (g === 0) continue
        biasGradient[o]! += g
        const place = this.#places[i]!
        const corner = Math.floor(place / size) * stride + (place % size)
        for (let c = 0; c < inputs; c++) {
          const at = c * plane + corner
          const w = (o * inputs + c) * windowArea
          addWindow(this.#planes, at, stride, g, weightGradient, w)
          spreadWindow(this.#planeGradient, at, stride, g, usedWeights, w)
        }
      }
    readFrames(this.#planeGradient, this.#inputGradient, inputs, size)
    return this.#inputGradient
  }
}

/** Where the largest of the 2x2 tile at `corner` is. */
function largestOf(sums: Float64Array, corner: number, size: number): number {
  const top = sums[corner + 1]! > sums[corner]! ? corner + 1 : corner
  const below = sums[corner + size + 1]! > sums[corner + size]! ? corner + size + 1 : corner + size
  return sums[below]! > sums[top]! ? below : top
}
