import { attributesOf, type GraphIndex, inexact, numberAttribute, unsupported } from './onnx/onnx-graph.ts'
import { type OnnxNode, onnxTypeName, onnxTypes } from './onnx/onnx-model.ts'
import { quantizedConstant } from './quantization.ts'

/** A matrix product with bias, as integers. */
export interface Matrix {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  /** Row-major `[outputs][inputs]`, whatever order the file has. */
  readonly weights: Int8Array
  readonly bias: Int32Array
  readonly weightExponent: number
  /** The value that holds the result. */
  readonly output: string
}

/**
 * Reads `Gemm`, or `MatMul` with an optional `Add`, with int8 weights and a bias in accumulator units.
 * @param exponent of the scale of the data, its left operand
 * @throws GemgateError GG_MODEL_UNSUPPORTED, GG_MODEL_INEXACT (bias scale) or GG_MODEL_FORMAT
 */
export function importMatrix(index: GraphIndex, node: OnnxNode, exponent: number): Matrix {
  if (node.operator !== 'Gemm' && node.operator !== 'MatMul')
    throw unsupported(node, 'it stands where Gemm or MatMul belongs', 'Only dense layers are implemented.')
  const transposed = checkGemm(node)
  const { tensor, values, exponent: weightExponent } = quantizedConstant(index, node, 1, 'weight matrix')
  if (tensor.type !== onnxTypes.int8)
    throw unsupported(node, `its weights are ${onnxTypeName(tensor.type)}`, 'Quantize weights to int8.')
  const [rows = 0, columns = 0] = tensor.dims
  if (tensor.dims.length !== 2 || values.length === 0)
    throw unsupported(node, `its weights have shape [${tensor.dims.join(', ')}]`, 'Use a weight matrix.')
  const inputs = transposed ? columns : rows
  const outputs = transposed ? rows : columns
  const weights = new Int8Array(values.length)
  for (let j = 0; j < outputs; j++)
    for (let i = 0; i < inputs; i++)
      weights[j * inputs + i] = values[transposed ? j * inputs + i : i * outputs + j]!

  let bias: Int32Array = new Int32Array(outputs)
  let output = node.outputs[0] ?? ''
  if (node.operator === 'Gemm') {
    if (node.inputs[2]) bias = importBias(index, node, 2, outputs, exponent + weightExponent)
  } else {
    const add = index.consumers(output)[0]
    if (add?.operator === 'Add' && add.domain === '' && index.consumers(output).length === 1) {
      bias = importBias(index, add, add.inputs[0] === output ? 1 : 0, outputs, exponent + weightExponent)
      index.use(add)
      output = add.outputs[0] ?? ''
    }
  }
  return { name: node.name || output, inputs, outputs, weights, bias, weightExponent, output }
}

/** Whether the weights are stored `[outputs][inputs]`. */
function checkGemm(node: OnnxNode): boolean {
  if (node.operator === 'MatMul') {
    attributesOf(node, [])
    return false
  }
  const attributes = attributesOf(node, ['alpha', 'beta', 'transA', 'transB'])
  const one = (name: string): boolean => numberAttribute(node, attributes, name, 1) === 1
  if (!one('alpha') || !one('beta'))
    throw unsupported(node, 'alpha or beta is not 1', 'Fold the factors into weights and bias.')
  if (numberAttribute(node, attributes, 'transA', 0) !== 0)
    throw unsupported(node, 'its data is transposed', 'Export with transA = 0.')
  return numberAttribute(node, attributes, 'transB', 0) !== 0
}

function importBias(
  index: GraphIndex,
  node: OnnxNode,
  at: number,
  outputs: number,
  exponent: number,
): Int32Array {
  const { tensor, values, exponent: own } = quantizedConstant(index, node, at, 'bias')
  const { dims } = tensor
  if (values.length !== outputs || dims.at(-1) !== outputs || dims.length > 2)
    throw unsupported(
      node,
      `its bias has shape [${dims.join(', ')}] for ${outputs} outputs`,
      `Store the bias as ${outputs} integers.`,
    )
  if (own !== exponent)
    throw inexact(
      node,
      `its bias has scale 2^${own}, not input scale times weight scale = 2^${exponent}`,
      'Quantize the bias to int32 with scale = input scale * weight scale.',
    )
  return Int32Array.from(values)
}
