import { Random } from '../../src/core/random.ts'
import { exponentFor, roundHalfEven } from '../training/fake-quantize.ts'
import { ConvolutionBlock } from './convolution-block.ts'
import { DenseLayer } from './dense-layer.ts'
import { Activation, type Layer } from './layer.ts'

/**
 * Blocks of a 3x3 convolution and ReLU that halve the picture, the first by the maximum of 2x2 tiles, the others by
 * taking every second window; then dense layers with ReLU in between.
 */
export interface CnnShape {
  /** Rows and columns of the picture: a multiple of 2^channels.length. */
  readonly size: number
  /** Of each block. */
  readonly channels: readonly number[]
  readonly hidden: readonly number[]
  readonly outputs: number
}

/** Largest weight and largest activation, in steps. */
const weightLimit = 127
const activationLimit = 255
const scoreLimit = 32767
/** Keeps float32 sums exact and the certificate of class A. */
const biasLimit = 2 ** 22

/**
 * A convolutional network on uint8 pictures whose forward pass is the exported integer network: int8 weights,
 * uint8 activations, int16 scores, power-of-two scales, int32 biases.
 */
export class RecoilCnn {
  readonly shape: CnnShape
  readonly layers: readonly Layer[]
  /** The number for step 1 of the input is 2^inputExponent. */
  readonly inputExponent: number
  /** false: the same network in floating point, to see what the quantization costs. */
  readonly quantize: boolean
  readonly #input: Float64Array

  /** He initialisation, seeded. */
  constructor(shape: CnnShape, inputExponent: number, seed: number, quantize = true) {
    const random = new Random(seed).fork('weights')
    this.shape = shape
    this.inputExponent = inputExponent
    this.quantize = quantize
    this.#input = new Float64Array(shape.size ** 2)
    const relu = (): Activation => new Activation(0, activationLimit)
    const blocks = shape.channels.map((outputs, k) => {
      const inputs = shape.channels[k - 1] ?? 1
      const reduction = k === 0 ? 'maximum' : 'stride'
      return new ConvolutionBlock(inputs, outputs, shape.size / 2 ** k, reduction, relu(), random)
    })
    const last = blocks.at(-1)!
    const widths = [last.outputs * (last.size / 2) ** 2, ...shape.hidden]
    const hidden = shape.hidden.map((outputs, k) => new DenseLayer(widths[k]!, outputs, relu(), random))
    const scores = new Activation(-scoreLimit - 1, scoreLimit)
    this.layers = [...blocks, ...hidden, new DenseLayer(widths.at(-1)!, shape.outputs, scores, random)]
  }

  /** The trainable arrays: weights and bias of each layer. */
  parameters(): Float32Array[] {
    return this.layers.flatMap(({ parameters }) => [parameters.weights, parameters.bias])
  }

  /** Their gradients, summed since `refresh`, in the same order. */
  gradients(): Float64Array[] {
    return this.layers.flatMap(({ parameters }) => [parameters.weightGradient, parameters.biasGradient])
  }

  /** Puts changed parameters to use, quantized where wanted, and clears the gradients. */
  refresh(): void {
    let exponent: number | undefined = this.inputExponent
    for (const layer of this.layers) {
      const { weights, bias, usedWeights, usedBias, weightGradient, biasGradient } = layer.parameters
      weightGradient.fill(0)
      biasGradient.fill(0)
      if (this.quantize && exponent !== undefined) {
        const weightExponent = weightExponentOf(layer)
        quantizeInto(usedWeights, weights, weightExponent, weightLimit)
        quantizeInto(usedBias, bias, exponent + weightExponent, biasLimit)
      } else {
        usedWeights.set(weights)
        usedBias.set(bias)
      }
      exponent = layer.activation.exponent
    }
  }

  /** Scores of one picture, `[size][size]` in steps; overwritten by the next call. Call `refresh` before. */
  forward(picture: Uint8Array): Float64Array {
    return this.#through(picture, this.layers)
  }

  /** Adds to the gradients, for the picture of the last `forward`. */
  backward(scoreGradient: Float64Array): void {
    this.layers.reduceRight((gradient, layer) => layer.backward(gradient), scoreGradient)
  }

  /**
   * Chooses the output scales, layer by layer, so that all but the largest 0.1 % of the activations of the
   * pictures fit, and the scores with head room of two: they grow while the training sharpens them. From then
   * on outputs are quantized.
   */
  calibrate(pictures: readonly Uint8Array[]): void {
    for (const { activation } of this.layers) activation.exponent = undefined
    this.layers.forEach((layer, l) => {
      this.refresh()
      const sizes = pictures.flatMap((picture) =>
        Array.from(this.#through(picture, this.layers.slice(0, l + 1)), Math.abs),
      )
      const ascending = Float64Array.from(sizes).sort()
      const last = l === this.layers.length - 1
      const largest = last ? 2 * ascending.at(-1)! : ascending[Math.floor(ascending.length * 0.999)]!
      layer.activation.exponent = exponentFor(largest, last ? scoreLimit : activationLimit)
    })
    this.refresh()
  }

  #through(picture: Uint8Array, layers: readonly Layer[]): Float64Array {
    const scale = 2 ** this.inputExponent
    for (let i = 0; i < picture.length; i++) this.#input[i] = picture[i]! * scale
    return layers.reduce((values, layer) => layer.forward(values), this.#input)
  }

  /**
   * The integers of each layer.
   * @throws Error before `calibrate`
   */
  integerLayers(): IntegerLayer[] {
    let inputExponent = this.inputExponent
    return this.layers.map((layer) => {
      const { weights, bias } = layer.parameters
      const outputExponent = layer.activation.exponent
      if (outputExponent === undefined) throw new Error('the network is not calibrated')
      const weightExponent = weightExponentOf(layer)
      const made: IntegerLayer = {
        weights: Int8Array.from(weights, (w) => steps(w, weightExponent, weightLimit)),
        bias: Int32Array.from(bias, (b) => steps(b, inputExponent + weightExponent, biasLimit)),
        weightExponent,
        inputExponent,
        outputExponent,
      }
      inputExponent = outputExponent
      return made
    })
  }
}

/** A layer of the exported network; scales are `2^exponent`, the bias in units of both scales' product. */
export interface IntegerLayer {
  /** `[outputs][inputs]`, or `[outputs][inputs][3][3]`. */
  readonly weights: Int8Array
  readonly bias: Int32Array
  readonly weightExponent: number
  readonly inputExponent: number
  readonly outputExponent: number
}

function weightExponentOf({ parameters }: Layer): number {
  const largest = parameters.weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
  return exponentFor(largest, weightLimit)
}

function steps(value: number, exponent: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, roundHalfEven(value / 2 ** exponent)))
}

function quantizeInto(to: Float64Array, from: Float32Array, exponent: number, limit: number): void {
  const scale = 2 ** exponent
  for (let i = 0; i < from.length; i++) to[i] = steps(from[i]!, exponent, limit) * scale
}
