import {
  type OnnxAttribute,
  type OnnxModel,
  QdqBuilder,
  type QdqParameters,
  writeOnnx,
} from '../../src/network/index.ts'
import { onnxTypes } from '../../src/network/onnx/onnx-model.ts'
import type { CnnShape, IntegerLayer, RecoilCnn } from './recoil-cnn.ts'

/** The network as an ONNX file (QDQ, operator set 21): uint8 `[N, 1, size, size]` to int16 `[N, outputs]`. */
export function cnnOnnx(
  network: RecoilCnn,
  name: string,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return writeOnnx(cnnModel(network.shape, network.inputExponent, network.integerLayers(), name, metadata))
}

/** The same as a model in memory, from the integers of its layers. */
export function cnnModel(
  shape: CnnShape,
  inputExponent: number,
  layers: readonly IntegerLayer[],
  name: string,
  metadata: Readonly<Record<string, string>>,
): OnnxModel {
  const build = new QdqBuilder()
  let value = build.dequantize('picture', 'input', inputExponent, 'uint8')
  layers.forEach((layer, l) => {
    const last = l === layers.length - 1
    const own = `layer${l}`
    if (l === shape.channels.length) value = build.node('Flatten', 'flatten', [value])
    const channels = shape.channels[l]
    value =
      channels === undefined
        ? addMatrix(build, own, value, layer)
        : addConvolution(build, own, value, layer, l === 0 ? 1 : shape.channels[l - 1]!, l === 0 ? 1 : 2)
    if (!last) value = build.node('Relu', `${own}.relu`, [value])
    const target = last ? 'scores' : `${own}.quantized`
    build.quantize(value, own, layer.outputExponent, last ? 'int16' : 'uint8', target)
    if (last) return
    value = build.dequantize(target, own, layer.outputExponent, 'uint8')
    if (l === 0) value = build.node('MaxPool', `${own}.pool`, [value], undefined, tiles)
  })
  return {
    irVersion: 10,
    producer: 'gemgate',
    opsets: new Map([['', 21]]),
    graph: {
      name,
      nodes: build.nodes,
      initializers: build.tensors,
      inputs: [{ name: 'picture', type: onnxTypes.uint8, dims: ['N', 1, shape.size, shape.size] }],
      outputs: [{ name: 'scores', type: onnxTypes.int16, dims: ['N', shape.outputs] }],
    },
    metadata: new Map(Object.entries(metadata)),
  }
}

const tiles: readonly OnnxAttribute[] = [
  { name: 'kernel_shape', kind: 'ints', value: [2, 2] },
  { name: 'strides', kind: 'ints', value: [2, 2] },
]

const windows = (stride: number): readonly OnnxAttribute[] => [
  { name: 'kernel_shape', kind: 'ints', value: [3, 3] },
  { name: 'pads', kind: 'ints', value: [1, 1, 1, 1] },
  { name: 'strides', kind: 'ints', value: [stride, stride] },
]

function addConvolution(
  build: QdqBuilder,
  name: string,
  value: string,
  layer: IntegerLayer,
  channels: number,
  stride: number,
): string {
  const real = build.parameters(name, [layer.bias.length, channels, 3, 3], layer, layer.inputExponent)
  return build.node('Conv', `${name}.conv`, [value, ...real], undefined, windows(stride))
}

function addMatrix(
  build: QdqBuilder,
  name: string,
  value: string,
  layer: QdqParameters & Pick<IntegerLayer, 'inputExponent'>,
): string {
  const outputs = layer.bias.length
  const real = build.parameters(name, [outputs, layer.weights.length / outputs], layer, layer.inputExponent)
  return build.node('Gemm', `${name}.dense`, [value, ...real], undefined, [
    { name: 'transB', kind: 'int', value: 1 },
  ])
}
