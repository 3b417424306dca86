import type { OnnxAttribute, OnnxModel } from './onnx/onnx-model.ts'
import { onnxTypes } from './onnx/onnx-model.ts'
import { writeOnnx } from './onnx/onnx-write.ts'
import { type CarrierType, QdqBuilder } from './qdq-builder.ts'

/** How the matrix product is written; all three mean the same. */
export type MatrixForm = 'gemm' | 'gemm-transposed' | 'matmul'

/** One dense layer to write; scales are `2^exponent`. */
export interface DenseSpecLayer {
  readonly inputs: number
  readonly outputs: number
  /** Row-major `[outputs][inputs]`. */
  readonly weights: Int8Array
  /** `[outputs]`, in units of 2^(input exponent + weight exponent). */
  readonly bias: Int32Array
  readonly weightExponent: number
  readonly outputExponent: number
  readonly outputType: CarrierType
  readonly relu: boolean
  /** Limits in units of the output, as a Clip before the quantizer. */
  readonly clip?: readonly [number, number]
}

/** A dense classifier to write. */
export interface DenseSpec {
  readonly name: string
  readonly inputName?: string
  readonly outputName?: string
  readonly inputType: CarrierType
  readonly inputExponent: number
  readonly layers: readonly DenseSpecLayer[]
  readonly form?: MatrixForm
  /** Stored as model metadata, for example how it was trained. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Writes a dense classifier as a QDQ ONNX file (operator set 21, IR version 10, no zero points but 0).
 * The same specification gives the same bytes.
 * @throws RangeError when array lengths do not match the layer sizes
 */
export function buildDenseOnnx(spec: DenseSpec): Uint8Array {
  return writeOnnx(buildDenseModel(spec))
}

/** The same as a model in memory. */
export function buildDenseModel(spec: DenseSpec): OnnxModel {
  const inputName = spec.inputName ?? 'features'
  const outputName = spec.outputName ?? 'scores'
  const build = new QdqBuilder()
  let value = build.dequantize(inputName, 'input', spec.inputExponent, spec.inputType)
  let exponent = spec.inputExponent
  spec.layers.forEach((layer, at) => {
    checkLengths(layer, at, spec.layers[at - 1]?.outputs)
    const last = at === spec.layers.length - 1
    const name = `layer${at}`
    value = addMatrix(build, name, value, layer, exponent, spec.form ?? 'gemm')
    if (layer.relu) value = build.node('Relu', `${name}.relu`, [value])
    if (layer.clip !== undefined) value = build.clip(name, value, layer.clip, layer.outputExponent)
    exponent = layer.outputExponent
    const target = last ? outputName : `${name}.quantized`
    build.quantize(value, name, exponent, layer.outputType, target)
    if (!last) value = build.dequantize(target, name, exponent, layer.outputType)
  })
  const outputs = spec.layers.at(-1)?.outputs ?? 0
  const lastType = spec.layers.at(-1)?.outputType ?? spec.inputType
  return {
    irVersion: 10,
    producer: 'gemgate',
    opsets: new Map([['', 21]]),
    graph: {
      name: spec.name,
      nodes: build.nodes,
      initializers: build.tensors,
      inputs: [
        { name: inputName, type: onnxTypes[spec.inputType], dims: ['N', spec.layers[0]?.inputs ?? 0] },
      ],
      outputs: [{ name: outputName, type: onnxTypes[lastType], dims: ['N', outputs] }],
    },
    metadata: new Map(Object.entries(spec.metadata ?? {})),
  }
}

function addMatrix(
  build: QdqBuilder,
  name: string,
  value: string,
  layer: DenseSpecLayer,
  exponent: number,
  form: MatrixForm,
): string {
  const asStored = form === 'gemm-transposed'
  const { inputs, outputs } = layer
  const weights = asStored ? layer.weights : transpose(layer.weights, outputs, inputs)
  const dims = asStored ? [outputs, inputs] : [inputs, outputs]
  const real = build.parameters(name, dims, { ...layer, weights }, exponent)
  if (form === 'matmul') {
    const product = build.node('MatMul', `${name}.product`, [value, real[0]])
    return build.node('Add', `${name}.dense`, [product, real[1]])
  }
  const attributes: OnnxAttribute[] = asStored ? [{ name: 'transB', kind: 'int', value: 1 }] : []
  return build.node('Gemm', `${name}.dense`, [value, ...real], undefined, attributes)
}

function transpose(weights: Int8Array, rows: number, columns: number): Int8Array {
  const result = new Int8Array(weights.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = weights[r * columns + c]!
  return result
}

function checkLengths(layer: DenseSpecLayer, at: number, previous: number | undefined): void {
  const { inputs, outputs, weights, bias } = layer
  if (weights.length !== inputs * outputs || bias.length !== outputs)
    throw new RangeError(
      `layer ${at}: ${weights.length} weights, ${bias.length} biases for ${inputs} -> ${outputs}`,
    )
  if (previous !== undefined && previous !== inputs)
    throw new RangeError(`layer ${at} reads ${inputs} values where layer ${at - 1} makes ${previous}`)
}
