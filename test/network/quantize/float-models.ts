import { Random } from '../../../src/core/random.ts'
import { type OnnxModel, type OnnxNode, onnxTypes } from '../../../src/network/onnx/onnx-model.ts'
import {
  countElements,
  floatTensor,
  type Tensor,
  toOnnxTensor,
} from '../../../src/network/reference/index.ts'
import { type Attributes, attributesFrom } from '../reference/single-node.ts'

/** Builds a float network with random weights, node by node. */
class FloatModel {
  readonly #random: Random
  readonly #nodes: OnnxNode[] = []
  readonly #tensors = new Map<string, Tensor>()
  readonly #dims: readonly number[]

  constructor(seed: number, dims: readonly number[]) {
    this.#random = new Random(seed)
    this.#dims = dims
  }

  /** A constant of normal deviates. */
  weights(dims: readonly number[], spread = 1, mean = 0): string {
    return this.constant(
      dims,
      Array.from({ length: countElements(dims) }, () => mean + spread * this.#random.normal()),
    )
  }

  constant(dims: readonly number[], values: readonly number[]): string {
    const name = `c${this.#tensors.size}`
    this.#tensors.set(name, floatTensor(dims, values))
    return name
  }

  node(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    floats: readonly string[] = [],
  ): string {
    const output = `v${this.#nodes.length}`
    const name = `${operator}_${this.#nodes.length}`
    const node = { name, operator, domain: '', inputs, outputs: [output] }
    this.#nodes.push({ ...node, attributes: attributesFrom(attributes, floats) })
    return output
  }

  /** Convolution, batch normalization. */
  convolution(
    value: string,
    outputs: number,
    channels: number,
    kernel: number[],
    attributes: Attributes = {},
  ): string {
    const group = typeof attributes['group'] === 'number' ? attributes['group'] : 1
    const dims = [outputs, channels / group, ...kernel]
    const spread = 1.4 / Math.sqrt(countElements(dims.slice(1)))
    const made = this.node(
      'Conv',
      [value, this.weights(dims, spread), this.weights([outputs], 0.1)],
      attributes,
    )
    return this.normalize(made, outputs)
  }

  normalize(value: string, channels: number): string {
    const parameters = [0.3, 0.3, 0.3].map((spread, k) => this.weights([channels], spread, k === 0 ? 1 : 0))
    const variance = this.constant(
      [channels],
      Array.from({ length: channels }, () => 0.5 + this.#random.uniform()),
    )
    return this.node('BatchNormalization', [value, ...parameters, variance], { epsilon: 1e-5 }, ['epsilon'])
  }

  dense(value: string, inputs: number, outputs: number): string {
    const weights = this.weights([inputs, outputs], 1.4 / Math.sqrt(inputs))
    return this.node('Gemm', [value, weights, this.weights([outputs], 0.2)])
  }

  integers(values: readonly number[]): string {
    const name = `c${this.#tensors.size}`
    this.#tensors.set(name, { type: onnxTypes.int64, dims: [values.length], data: Float64Array.from(values) })
    return name
  }

  finish(output: string, type: number = onnxTypes.float): OnnxModel {
    return {
      irVersion: 8,
      producer: 'test',
      opsets: new Map([['', 13]]),
      metadata: new Map(),
      graph: {
        name: 'float network',
        nodes: this.#nodes,
        initializers: [...this.#tensors].map(([name, tensor]) => toOnnxTensor(name, tensor)),
        inputs: [{ name: 'x', type: onnxTypes.float, dims: this.#dims }],
        outputs: [{ name: output, type }],
      },
    }
  }
}

const half = { kernel_shape: [2, 2], strides: [2, 2] }
const padded = { pads: [1, 1, 1, 1] }

/** Float networks that together use everything that can be quantized. */
export const floatModels: Readonly<Record<string, (seed: number) => OnnxModel>> = {
  'normalized input, residual, depthwise, ReLU6, concatenation': (seed) => {
    const m = new FloatModel(seed, ['N', 3, 8, 8] as unknown as number[])
    const centred = m.node('Sub', ['x', m.weights([3, 1, 1], 0.2)])
    const input = m.node('Div', [centred, m.constant([], [0.5])])
    const stem = m.node('Relu', [m.convolution(input, 8, 3, [3, 3], padded)])
    const deep = m.convolution(stem, 8, 8, [3, 3], { ...padded, group: 8 })
    const limited = m.node('Clip', [deep, m.constant([], [0]), m.constant([], [6])])
    const sum = m.node('Relu', [m.node('Add', [stem, m.convolution(limited, 8, 8, [1, 1])])])
    const pooled = m.node('MaxPool', [sum], half)
    const mean = m.node('AveragePool', [stem], half)
    const both = m.node('Concat', [pooled, mean], { axis: 1 })
    const all = m.node('GlobalAveragePool', [m.node('Relu', [m.convolution(both, 6, 16, [1, 1])])])
    return m.finish(m.dense(m.node('Flatten', [all]), 6, 5))
  },
  'means over 9 and 49 elements, strides, same padding': (seed) => {
    const m = new FloatModel(seed, [1, 2, 14, 14])
    const first = m.node('Relu', [
      m.convolution('x', 4, 2, [3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
    ])
    const smooth = m.node('AveragePool', [first], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
      count_include_pad: 1,
    })
    const all = m.node('GlobalAveragePool', [smooth])
    const flat = m.node('Reshape', [all, m.integers([0, -1])])
    return m.finish(m.node('Softmax', [m.dense(flat, 4, 3)]))
  },
  'nonlinear functions': (seed) => {
    const m = new FloatModel(seed, [1, 12])
    let value = 'x'
    for (const [k, operator] of ['Tanh', 'Sigmoid', 'LeakyRelu', 'Elu', 'HardSigmoid'].entries())
      value = m.node(operator, [m.dense(value, k === 0 ? 12 : 10, 10)])
    return m.finish(m.dense(value, 10, 4))
  },
  'one axis, pooled, largest score': (seed) => {
    const m = new FloatModel(seed, [1, 2, 20])
    const first = m.node('Relu', [m.convolution('x', 5, 2, [3], { pads: [1, 1], dilations: [1] })])
    const pooled = m.node('MaxPool', [first], { kernel_shape: [2], strides: [2] })
    const second = m.node('Relu', [m.convolution(pooled, 4, 5, [3])])
    const scores = m.dense(m.node('Flatten', [second]), 32, 6)
    return m.finish(m.node('ArgMax', [scores], { axis: 1 }), onnxTypes.int64)
  },
  'matrix products with sums, batch normalization between reshapes, scales left over': (seed) => {
    const m = new FloatModel(seed, [1, 10])
    const product = m.node('MatMul', ['x', m.weights([10, 8], 0.4)])
    const dense = m.node('Add', [product, m.weights([8], 0.2)])
    const lifted = m.node('Unsqueeze', [dense, m.integers([2])])
    const normal = m.node('Squeeze', [m.normalize(lifted, 8), m.integers([2])])
    const hidden = m.node('Mul', [m.node('Relu', [normal]), m.weights([8], 0.5, 1)])
    const lone = m.node('Relu', [m.node('Add', [m.node('Neg', [hidden]), m.weights([8], 0.5, 1)])])
    return m.finish(m.node('Identity', [m.dense(lone, 8, 3)]))
  },
}

/** Normal deviates for the input of a float network, `rows` samples. */
export function samplesFor(model: OnnxModel, rows: number, seed: number): Tensor {
  const random = new Random(seed)
  const dims = [rows, ...(model.graph.inputs[0]!.dims!.slice(1) as number[])]
  return floatTensor(
    dims,
    Array.from({ length: countElements(dims) }, () => random.normal()),
  )
}

/** One row of a batch. */
export function rowOf(batch: Tensor, row: number): Tensor {
  const size = batch.data.length / batch.dims[0]!
  return {
    type: batch.type,
    dims: [1, ...batch.dims.slice(1)],
    data: batch.data.slice(row * size, (row + 1) * size),
  }
}
