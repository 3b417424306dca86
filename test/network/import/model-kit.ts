import type {
  OnnxAttribute,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from '../../../src/network/onnx/onnx-model.ts'
import { type OnnxTypeName, onnxTypes } from '../../../src/network/onnx/onnx-model.ts'
import { packTensor, packValues } from '../../../src/network/onnx/onnx-tensor.ts'

export type Carrier = 'int8' | 'uint8' | 'int16' | 'uint16'

type AttributeValue = number | string | readonly number[] | { readonly float: number }

/** Builds ONNX models node by node for tests. */
export class ModelKit {
  readonly nodes: OnnxNode[] = []
  readonly tensors: OnnxTensor[] = []
  readonly inputs: OnnxValue[] = []
  readonly outputs: OnnxValue[] = []
  #count = 0

  fresh(prefix: string): string {
    this.#count++
    return `${prefix}_${this.#count}`
  }

  input(name: string, type: OnnxTypeName, dims: readonly (number | string)[]): string {
    this.inputs.push({ name, type: onnxTypes[type], dims })
    return name
  }

  output(value: string, type: OnnxTypeName, dims?: readonly (number | string)[]): string {
    this.outputs.push({ name: value, type: onnxTypes[type], ...(dims === undefined ? {} : { dims }) })
    return value
  }

  constant(type: OnnxTypeName, dims: readonly number[], values: ArrayLike<number>): string {
    const name = this.fresh(type)
    this.tensors.push(
      type === 'float'
        ? packTensor(name, dims, Float32Array.from(values))
        : packValues(name, onnxTypes[type], dims, Float64Array.from(values)),
    )
    return name
  }

  float(value: number): string {
    return this.constant('float', [], [value])
  }

  floats(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant('float', dims, values)
  }

  ints(values: readonly number[]): string {
    return this.constant('int64', [values.length], values)
  }

  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
    outputs = 1,
  ): string {
    const name = this.fresh(operator)
    const names = Array.from({ length: outputs }, (_, k) => (k === 0 ? name : `${name}.${k}`))
    this.nodes.push({
      name,
      operator,
      domain,
      inputs,
      outputs: names,
      attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    })
    return name
  }

  quantize(x: string, scale: number, type: Carrier, zero = 0): string {
    return this.node('QuantizeLinear', [x, this.float(scale), this.constant(type, [], [zero])])
  }

  dequantize(q: string, scale: number, type: OnnxTypeName, zero = 0): string {
    return this.node('DequantizeLinear', [q, this.float(scale), this.constant(type, [], [zero])])
  }

  /** int8 weights behind a DequantizeLinear; several scales lie along axis 0 (or `axis`). */
  weights(values: readonly number[], dims: readonly number[], scales: readonly number[], axis = 0): string {
    const q = this.constant('int8', dims, values)
    if (scales.length === 1)
      return this.node('DequantizeLinear', [q, this.float(scales[0]!), this.constant('int8', [], [0])])
    const zeros = this.constant('int8', [scales.length], new Array(scales.length).fill(0))
    return this.node('DequantizeLinear', [q, this.floats(scales), zeros], { axis })
  }

  bias(values: readonly number[], scales: readonly number[]): string {
    const q = this.constant('int32', [values.length], values)
    if (scales.length === 1)
      return this.node('DequantizeLinear', [q, this.float(scales[0]!), this.constant('int32', [], [0])])
    const zeros = this.constant('int32', [scales.length], new Array(scales.length).fill(0))
    return this.node('DequantizeLinear', [q, this.floats(scales), zeros], { axis: 0 })
  }

  model(opset = 21, domains: readonly string[] = []): OnnxModel {
    return {
      irVersion: opset >= 21 ? 10 : 8,
      producer: 'test',
      opsets: new Map([['', opset], ...domains.map((domain) => [domain, 1] as const)]),
      graph: {
        name: 'test',
        nodes: this.nodes,
        initializers: this.tensors,
        inputs: this.inputs,
        outputs: this.outputs,
      },
      metadata: new Map(),
    }
  }
}

function attribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'string') return { name, kind: 'string', value }
  if (typeof value === 'number') return { name, kind: 'int', value }
  if ('float' in value) return { name, kind: 'float', value: value.float }
  return { name, kind: 'ints', value }
}
