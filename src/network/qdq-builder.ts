import type { OnnxAttribute, OnnxNode, OnnxTensor } from './onnx/onnx-model.ts'
import { packTensor } from './onnx/onnx-tensor.ts'

/** The integer types of activations and scores. */
export type CarrierType = 'int8' | 'uint8' | 'int16' | 'uint16'

/** Integers of a matrix or of convolution kernels; scales are `2^exponent`. */
export interface QdqParameters {
  readonly weights: Int8Array
  /** One for each output, in units of 2^(input exponent + weight exponent). */
  readonly bias: Int32Array
  readonly weightExponent: number
}

/** Writes the nodes of QDQ files: power-of-two scales, no zero points but 0. */
export class QdqBuilder {
  readonly nodes: OnnxNode[] = []
  readonly tensors: OnnxTensor[] = []

  node(
    operator: string,
    name: string,
    inputs: readonly string[],
    output = name,
    attributes: readonly OnnxAttribute[] = [],
  ): string {
    this.nodes.push({ name, operator, domain: '', inputs, outputs: [output], attributes })
    return output
  }

  #constant(tensor: OnnxTensor): string {
    if (!this.tensors.some((known) => known.name === tensor.name)) this.tensors.push(tensor)
    return tensor.name
  }

  #scale(name: string, exponent: number, type: CarrierType | 'int32'): [string, string] {
    return [
      this.#constant(packTensor(`${name}.scale`, [], Float32Array.of(2 ** exponent))),
      this.#constant(packTensor(`${name}.zero`, [], zeros[type])),
    ]
  }

  dequantize(value: string, name: string, exponent: number, type: CarrierType): string {
    return this.node('DequantizeLinear', `${name}.real`, [value, ...this.#scale(name, exponent, type)])
  }

  quantize(value: string, name: string, exponent: number, type: CarrierType, output: string): void {
    this.node('QuantizeLinear', `${name}.quantize`, [value, ...this.#scale(name, exponent, type)], output)
  }

  clip(name: string, value: string, limits: readonly [number, number], exponent: number): string {
    const limit = (at: 0 | 1): Float32Array => Float32Array.of(limits[at] * 2 ** exponent)
    const low = this.#constant(packTensor(`${name}.low`, [], limit(0)))
    const high = this.#constant(packTensor(`${name}.high`, [], limit(1)))
    return this.node('Clip', `${name}.clip`, [value, low, high])
  }

  /** int8 weights and int32 bias as real numbers, the bias in units of the product of both scales. */
  parameters(
    name: string,
    dims: readonly number[],
    { weights, bias, weightExponent }: QdqParameters,
    inputExponent: number,
  ): [weights: string, bias: string] {
    const stored = this.#constant(packTensor(`${name}.weights.integer`, dims, weights))
    const storedBias = this.#constant(packTensor(`${name}.bias.integer`, [bias.length], bias))
    return [
      this.node('DequantizeLinear', `${name}.weights`, [
        stored,
        ...this.#scale(`${name}.weights`, weightExponent, 'int8'),
      ]),
      this.node('DequantizeLinear', `${name}.bias`, [
        storedBias,
        ...this.#scale(`${name}.bias`, inputExponent + weightExponent, 'int32'),
      ]),
    ]
  }
}

const zeros = {
  int8: new Int8Array(1),
  uint8: new Uint8Array(1),
  int16: new Int16Array(1),
  uint16: new Uint16Array(1),
  int32: new Int32Array(1),
} as const
