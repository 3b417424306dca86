import { roundHalfEven } from '../training/fake-quantize.ts'

/**
 * A layer on one sample at a time. Buffers belong to the layer: what `forward` and `backward` return is
 * overwritten by the next call.
 */
export interface Layer {
  readonly parameters: LayerParameters
  readonly activation: Activation
  /** @returns the outputs, `[channels][rows][columns]` or `[outputs]` */
  forward(input: Float64Array): Float64Array
  /**
   * Adds to the gradients of the parameters for the sample of the last `forward`.
   * @param gradient of the loss with respect to the outputs
   * @returns the gradient with respect to the inputs
   */
  backward(gradient: Float64Array): Float64Array
}

/** Weights and bias: as they are trained, as they are used, and their gradients. */
export class LayerParameters {
  /** `[outputs][inputs]`. */
  readonly weights: Float32Array
  readonly bias: Float32Array
  /** What the forward pass multiplies with: quantized, or a copy. */
  readonly usedWeights: Float64Array
  readonly usedBias: Float64Array
  readonly weightGradient: Float64Array
  readonly biasGradient: Float64Array

  constructor(weights: Float32Array, outputs: number) {
    this.weights = weights
    this.bias = new Float32Array(outputs)
    this.usedWeights = new Float64Array(weights.length)
    this.usedBias = new Float64Array(outputs)
    this.weightGradient = new Float64Array(weights.length)
    this.biasGradient = new Float64Array(outputs)
  }
}

/** What stands behind the sums of a layer: ReLU where wanted, then the quantizer once its scale is known. */
export class Activation {
  readonly low: number
  readonly high: number
  /** The scale is 2^exponent; undefined: not quantized. */
  exponent: number | undefined = undefined

  /** @param low, high smallest and largest integer; 0 as the smallest makes it a ReLU */
  constructor(low: number, high: number) {
    this.low = low
    this.high = high
  }

  apply(sum: number): number {
    if (this.exponent === undefined) return this.low === 0 && sum < 0 ? 0 : sum
    const scale = 2 ** this.exponent
    return Math.max(this.low, Math.min(this.high, roundHalfEven(sum / scale))) * scale
  }

  /** Whether the gradient passes: 1 inside the range, 0 outside (straight-through estimator, arXiv:1308.3432). */
  slope(sum: number): 0 | 1 {
    if (this.low === 0 && sum <= 0) return 0
    if (this.exponent === undefined) return 1
    const steps = sum / 2 ** this.exponent
    return steps >= this.low - 0.5 && steps <= this.high + 0.5 ? 1 : 0
  }
}
