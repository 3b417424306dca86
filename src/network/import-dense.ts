import { GemgateError } from '../core/errors.ts'
import { boundLayer, type LayerBound } from './certificate.ts'
import { Clamp } from './import-clamp.ts'
import { importMatrix } from './import-matrix.ts'
import type { DenseLayer, IntegerNetwork, NumberFormat } from './integer-network.ts'
import { GraphIndex, nodeLabel, unsupported } from './onnx/onnx-graph.ts'
import { type OnnxModel, type OnnxNode, type OnnxValue, onnxTypes } from './onnx/onnx-model.ts'
import { integerRanges } from './onnx/onnx-tensor.ts'
import { checkCarrier, quantizedType, scaleExponent } from './quantization.ts'

/** Standard operator sets whose Gemm, MatMul, Clip and (De)QuantizeLinear mean what is implemented here. */
const opsetRange = [13, 25] as const

const maximumShift = 24

/**
 * Translates a dense classifier in QDQ form, `input -> DequantizeLinear -> (Gemm | MatMul [-> Add]) ->
 * [Relu | Clip]* -> QuantizeLinear -> [Clip] -> DequantizeLinear -> ... -> QuantizeLinear -> output`,
 * into integers, and proves that nothing is lost (certificate class A, see `Certificate`).
 * @throws GemgateError GG_MODEL_UNSUPPORTED for other structures, GG_MODEL_INEXACT when no exact integer
 *   form exists, GG_MODEL_FORMAT when the file contradicts itself; each names the node and the remedy.
 */
export function importDense(model: OnnxModel): IntegerNetwork {
  checkOpset(model)
  const index = new GraphIndex(model.graph)
  const graphInput = soleInput(index)
  const first = follow(index, graphInput.name)
  if (first.operator !== 'DequantizeLinear')
    throw unsupported(
      first,
      'the graph input is not quantized',
      'Let the graph start with integers and DequantizeLinear; gemgate feeds it integer features.',
    )
  checkCarrier(first, graphInput.type)
  const input = formatOf(graphInput.type, scaleExponent(index, first))

  const layers: DenseLayer[] = []
  const bounds: LayerBound[] = []
  let exponent = input.exponent
  let range = integerRanges.get(graphInput.type)!
  let value = first.outputs[0] ?? ''
  for (;;) {
    const matrix = importMatrix(index, follow(index, value), exponent)
    const inputBound = Math.max(Math.abs(range[0]), Math.abs(range[1]))
    const bound = boundLayer(matrix.name, matrix.weights, matrix.bias, matrix.inputs, inputBound)
    const quantized = importQuantizer(index, matrix.output)
    const shift = quantized.exponent - exponent - matrix.weightExponent
    checkShift(quantized.node, shift, bound.accumulatorBound)
    const { name, inputs, outputs, weights, bias } = matrix
    const previous = layers.at(-1)
    if (previous !== undefined && previous.outputs !== inputs)
      throw shapeError(`node '${name}' reads ${inputs} values where ${previous.outputs} are made`)
    const [min, max] = quantized.range
    layers.push({ name, inputs, outputs, weights, bias, shift, min, max })
    bounds.push(bound)
    range = quantized.range
    value = quantized.output
    if (index.isOutput(value)) {
      finish(index, value)
      checkInputShape(graphInput, layers[0]!.inputs)
      return {
        name: model.graph.name || 'network',
        inputs: layers[0]!.inputs,
        outputs,
        input,
        output: formatOf(quantized.type, quantized.exponent),
        layers,
        certificate: { oracle: 'qdq-float', class: 'A', layers: bounds },
      }
    }
    const next = follow(index, value)
    if (next.operator !== 'DequantizeLinear') throw outOfOrder(next, 'DequantizeLinear')
    exponent = scaleExponent(index, next)
    value = next.outputs[0] ?? ''
    if (index.isOutput(value))
      throw unsupported(
        next,
        'the graph output is dequantized',
        'Let the graph end with QuantizeLinear; gemgate compares integer scores.',
      )
  }
}

interface Quantizer {
  readonly node: OnnxNode
  readonly exponent: number
  readonly type: number
  readonly range: readonly [number, number]
  readonly output: string
}

/** Relu and Clip before a QuantizeLinear, it, and a Clip of integers after it, as one clamp. */
function importQuantizer(index: GraphIndex, start: string): Quantizer {
  const before = new Clamp(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  let node = follow(index, start)
  while (before.apply(index, node)) node = follow(index, node.outputs[0] ?? '')
  if (node.operator !== 'QuantizeLinear') throw outOfOrder(node, 'Relu, Clip or QuantizeLinear')
  const exponent = scaleExponent(index, node)
  const type = quantizedType(index, node)
  const after = before.quantize(exponent, integerRanges.get(type)!)
  let output = node.outputs[0] ?? ''
  for (;;) {
    const next = index.consumers(output)[0]
    if (next === undefined || !after.apply(index, next)) break
    follow(index, output)
    output = next.outputs[0] ?? ''
  }
  return { node, exponent, type, range: [after.low, after.high], output }
}

/** The one node that reads a value; marks it as translated. */
function follow(index: GraphIndex, value: string): OnnxNode {
  const consumers = index.consumers(value)
  const node = consumers[0]
  if (node === undefined) throw shapeError(`value '${value}' leads nowhere`)
  if (consumers.length > 1 || index.isOutput(value))
    throw unsupported(
      consumers[1] ?? node,
      `value '${value}' is used in several places`,
      'Only chains of layers are implemented, without branches and side outputs.',
    )
  if (node.domain !== '')
    throw unsupported(node, `domain '${node.domain}'`, 'Export with standard operators (QDQ format).')
  if (node.inputs[0] !== value)
    throw unsupported(node, 'the data is not its first input', 'Give the data first, then the constants.')
  if (node.outputs.length !== 1) throw shapeError(`${nodeLabel(node)} has ${node.outputs.length} outputs`)
  index.use(node)
  return node
}

function finish(index: GraphIndex, value: string): void {
  if (index.graph.outputs.length !== 1 || index.consumers(value).length > 0)
    throw shapeError('the graph has several outputs', 'GG_MODEL_UNSUPPORTED')
  const left = index.unused()
  if (left !== undefined)
    throw unsupported(left, 'it does not lie on the way from input to output', 'Remove it from the graph.')
}

function outOfOrder(node: OnnxNode, expected: string): GemgateError {
  return unsupported(
    node,
    `it stands where ${expected} belongs`,
    'gemgate takes dense layers in QDQ form: DequantizeLinear, Gemm, Relu, QuantizeLinear, again and again.',
  )
}

function soleInput(index: GraphIndex): OnnxValue {
  // Old exporters list initializers among the inputs.
  const inputs = index.graph.inputs.filter((input) => !index.constants.has(input.name))
  if (inputs.length !== 1) throw shapeError(`the graph has ${inputs.length} inputs`, 'GG_MODEL_UNSUPPORTED')
  const input = inputs[0]!
  if (index.producer(input.name) !== undefined)
    throw shapeError(`input '${input.name}' is also made by a node`)
  return input
}

function checkInputShape(input: OnnxValue, inputs: number): void {
  if (input.dims === undefined) return
  const features = input.dims[1]
  if (input.dims.length !== 2 || (typeof features === 'number' && features !== inputs))
    throw shapeError(`input '${input.name}' has shape [${input.dims.join(', ')}], not [N, ${inputs}]`)
}

function checkOpset(model: OnnxModel): void {
  const opset = model.opsets.get('')
  if (opset === undefined || opset < opsetRange[0] || opset > opsetRange[1])
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the model uses operator set ${opset ?? 'none'}`,
      `Export with operator set ${opsetRange[0]} to ${opsetRange[1]}.`,
    )
}

function checkShift(node: OnnxNode, shift: number, bound: number): void {
  if (shift > maximumShift)
    throw unsupported(
      node,
      `it divides by 2^${shift}, so its result is always 0`,
      'Use a smaller output scale.',
    )
  if (shift < 0 && bound * 2 ** -shift >= 2 ** 31)
    throw unsupported(node, `it multiplies by 2^${-shift} beyond 32 bits`, 'Use a larger output scale.')
}

function formatOf(type: number, exponent: number): NumberFormat {
  const signed = type === onnxTypes.int8 || type === onnxTypes.int16
  const bits = type === onnxTypes.int8 || type === onnxTypes.uint8 ? 8 : 16
  return { bits, signed, exponent }
}

function shapeError(
  message: string,
  code: 'GG_MODEL_FORMAT' | 'GG_MODEL_UNSUPPORTED' = 'GG_MODEL_FORMAT',
): GemgateError {
  return new GemgateError(code, message, 'Export a chain of dense layers with one input and one output.')
}
