import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { Random } from '../../src/core/random.ts'
import type { DenseSpec, DenseSpecLayer } from '../../src/network/index.ts'
import { closestExponent, exponentFor, fakeQuantize, roundHalfEven } from './fake-quantize.ts'
import { dense } from './gradients.ts'

interface Layer {
  readonly inputs: number
  readonly outputs: number
  /** `[inputs][outputs]`. */
  readonly weights: Float32Array
  readonly bias: Float32Array
  /** Of the outputs; undefined until calibrated, then they are quantized. */
  exponent: number | undefined
}

/** Widths of the numbers inside a network. */
export interface NumberWidths {
  /** Bits of a weight with its sign, 2 ... 8: the steps are symmetric, so 2 bits are -1, 0, 1. Default 8. */
  readonly weightBits?: number
  /** Bits of a hidden activation, 2 ... 8; ReLU leaves it no sign. Default 7, what int8 holds of it. */
  readonly activationBits?: number
}

/**
 * A dense network with ReLU in between whose forward pass is the exported integer network: weights and
 * activations of at most 8 bits, int16 scores, power-of-two scales, int32 biases.
 */
export class QuantizedMlp {
  readonly layers: Layer[]
  readonly inputExponent: number
  readonly quantize: boolean
  /** Largest weight and largest hidden activation, in steps. */
  readonly #most: { readonly weight: number; readonly activation: number }

  /**
   * @param sizes for example [9, 10, 7, 3]; He initialisation, seeded
   * @param quantize false: the same network in float32, to see what the quantization costs
   */
  constructor(
    sizes: readonly number[],
    inputExponent: number,
    seed: number,
    quantize = true,
    { weightBits = 8, activationBits = 7 }: NumberWidths = {},
  ) {
    const random = new Random(seed).fork('weights')
    this.#most = { weight: 2 ** (weightBits - 1) - 1, activation: 2 ** activationBits - 1 }
    this.inputExponent = inputExponent
    this.quantize = quantize
    this.layers = sizes.slice(1).map((outputs, l) => {
      const inputs = sizes[l]!
      const spread = Math.sqrt(2 / inputs)
      const weights = Float32Array.from({ length: inputs * outputs }, () => random.normal() * spread)
      return { inputs, outputs, weights, bias: new Float32Array(outputs), exponent: undefined }
    })
  }

  /** The trainable arrays: weights and bias of each layer. */
  parameters(): Float32Array[] {
    return this.layers.flatMap((layer) => [layer.weights, layer.bias])
  }

  /** The same weights in a network that rounds nothing. */
  inFloat(): QuantizedMlp {
    const sizes = [this.layers[0]!.inputs, ...this.layers.map(({ outputs }) => outputs)]
    const free = new QuantizedMlp(sizes, this.inputExponent, 0, false)
    const own = this.parameters()
    free.parameters().forEach((values, p) => {
      values.set(own[p]!)
    })
    return free
  }

  #weightExponent(layer: Layer): number {
    const largest = layer.weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
    return closestExponent(layer.weights, exponentFor(largest, this.#most.weight), this.#most.weight)
  }

  /**
   * Scores of a batch; `taps` receives what each layer gives before its outputs are quantized.
   * @param parameters tensors of `parameters()`, in that order
   */
  forward(x: tf.Tensor2D, parameters: readonly tf.Tensor[], taps?: tf.Tensor[]): tf.Tensor2D {
    let value: tf.Tensor = x
    let exponent = this.inputExponent
    this.layers.forEach((layer, l) => {
      const last = l === this.layers.length - 1
      if (!this.quantize) {
        value = dense(
          value as tf.Tensor2D,
          parameters[2 * l] as tf.Tensor2D,
          parameters[2 * l + 1] as tf.Tensor1D,
          !last,
        )
        return
      }
      const weightExponent = this.#weightExponent(layer)
      const weights = fakeQuantize(parameters[2 * l]!, weightExponent, -this.#most.weight, this.#most.weight)
      const bias = fakeQuantize(parameters[2 * l + 1]!, exponent + weightExponent, -(2 ** 22), 2 ** 22)
      value = dense(value as tf.Tensor2D, weights as tf.Tensor2D, bias as tf.Tensor1D, !last)
      taps?.push(value)
      if (layer.exponent === undefined) return
      value = last
        ? fakeQuantize(value, layer.exponent, -32768, 32767)
        : fakeQuantize(value, layer.exponent, 0, this.#most.activation)
      exponent = layer.exponent
    })
    return value as tf.Tensor2D
  }

  /** The tensors of `parameters()`. */
  tensors(): tf.Tensor[] {
    return this.layers.flatMap((layer) => [
      tf.tensor2d(layer.weights, [layer.inputs, layer.outputs]),
      tf.tensor1d(layer.bias),
    ])
  }

  /**
   * Chooses the output scales, layer by layer, so that all but the largest 0.1 % of the activations of `x`
   * fit; from then on outputs are quantized.
   */
  calibrate(x: Float32Array, rows: number): void {
    for (const layer of this.layers) layer.exponent = undefined
    for (let l = 0; l < this.layers.length; l++)
      tf.tidy(() => {
        const taps: tf.Tensor[] = []
        this.forward(tf.tensor2d(x, [rows, x.length / rows]), this.tensors(), taps)
        const values = Float32Array.from(taps[l]!.dataSync(), Math.abs).sort()
        const last = l === this.layers.length - 1
        // Scores get head room of two: they grow while the training sharpens them.
        const largest = last ? 2 * values.at(-1)! : values[Math.floor(values.length * 0.999)]!
        this.layers[l]!.exponent = exponentFor(largest, last ? 32767 : this.#most.activation)
      })
  }

  /** The integer network, ready for `buildDenseOnnx`. Call `calibrate` before. */
  specification(name: string, metadata: Readonly<Record<string, string>>): DenseSpec {
    let exponent = this.inputExponent
    const { weight: most, activation } = this.#most
    const layers = this.layers.map((layer, l): DenseSpecLayer => {
      const { inputs, outputs } = layer
      if (layer.exponent === undefined) throw new Error('the network is not calibrated')
      const last = l === this.layers.length - 1
      const weightExponent = this.#weightExponent(layer)
      const weights = new Int8Array(inputs * outputs)
      for (let j = 0; j < outputs; j++)
        for (let i = 0; i < inputs; i++) {
          const steps = roundHalfEven(layer.weights[i * outputs + j]! / 2 ** weightExponent)
          weights[j * inputs + i] = Math.max(-most, Math.min(most, steps))
        }
      const unit = 2 ** (exponent + weightExponent)
      const bias = Int32Array.from(layer.bias, (b) =>
        Math.max(-(2 ** 22), Math.min(2 ** 22, roundHalfEven(b / unit))),
      )
      exponent = layer.exponent
      const outputType = last ? 'int16' : activation > 127 ? 'uint8' : 'int8'
      const clip = last || activation === 127 || activation === 255 ? {} : { clip: [0, activation] as const }
      return {
        inputs,
        outputs,
        weights,
        bias,
        weightExponent,
        outputExponent: exponent,
        outputType,
        relu: !last,
        ...clip,
      }
    })
    return { name, inputType: 'int8', inputExponent: this.inputExponent, layers, metadata }
  }
}
