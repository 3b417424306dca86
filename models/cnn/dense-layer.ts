import type { Random } from '../../src/core/random.ts'
import { type Activation, type Layer, LayerParameters } from './layer.ts'

/** A matrix, then the activation. */
export class DenseLayer implements Layer {
  readonly inputs: number
  readonly outputs: number
  readonly parameters: LayerParameters
  readonly activation: Activation
  readonly #input: Float64Array
  readonly #inputGradient: Float64Array
  readonly #output: Float64Array
  readonly #slopes: Uint8Array

  /** He initialisation from `random`. */
  constructor(inputs: number, outputs: number, activation: Activation, random: Random) {
    this.inputs = inputs
    this.outputs = outputs
    const spread = Math.sqrt(2 / inputs)
    this.parameters = new LayerParameters(
      Float32Array.from({ length: inputs * outputs }, () => random.normal() * spread),
      outputs,
    )
    this.activation = activation
    this.#input = new Float64Array(inputs)
    this.#inputGradient = new Float64Array(inputs)
    this.#output = new Float64Array(outputs)
    this.#slopes = new Uint8Array(outputs)
  }

  forward(input: Float64Array): Float64Array {
    const { inputs, outputs, activation } = this
    const { usedWeights, usedBias } = this.parameters
    this.#input.set(input)
    for (let o = 0, w = 0; o < outputs; o++) {
      let sum = usedBias[o]!
      for (let i = 0; i < inputs; i++, w++) sum += usedWeights[w]! * input[i]!
      this.#slopes[o] = activation.slope(sum)
      this.#output[o] = activation.apply(sum)
    }
    return this.#output
  }

  backward(gradient: Float64Array): Float64Array {
    const { inputs, outputs } = this
    const { usedWeights, weightGradient, biasGradient } = this.parameters
    this.#inputGradient.fill(0)
    for (let o = 0; o < outputs; o++) {
      const g = this.#slopes[o]! * gradient[o]!
      if (g === 0) continue
      biasGradient[o]! += g
      const row = o * inputs
      for (let i = 0; i < inputs; i++) {
        weightGradient[row + i]! += g * this.#input[i]!
        this.#inputGradient[i]! += g * usedWeights[row + i]!
      }
    }
    return this.#inputGradient
  }
}
