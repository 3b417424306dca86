import { GemgateError } from '../core/errors.ts'
import {
  attributesOf,
  type GraphIndex,
  inexact,
  nodeLabel,
  numberAttribute,
  unsupported,
} from './onnx/onnx-graph.ts'
import { type OnnxNode, type OnnxTensor, onnxTypeName, onnxTypes } from './onnx/onnx-model.ts'
import { integerRanges, tensorValues } from './onnx/onnx-tensor.ts'

/** Larger exponents could leave float32's normal range in a product of two scales and a 24-bit sum. */
export const maximumExponent = 30

/** A constant operand of a node. */
export function constantInput(index: GraphIndex, node: OnnxNode, at: number, what: string): OnnxTensor {
  const tensor = index.constants.get(node.inputs[at] ?? '')
  if (tensor === undefined)
    throw unsupported(node, `its ${what} is not a constant`, 'Store it as an initializer of the graph.')
  return tensor
}

/**
 * The exponent e of a QuantizeLinear or DequantizeLinear whose scale is 2^e and whose zero point is 0.
 * Several scales (per channel) are accepted when they are all the same.
 * @throws GemgateError GG_MODEL_INEXACT for other scales and zero points, GG_MODEL_UNSUPPORTED for
 *   blocked or computed ones.
 */
export function scaleExponent(index: GraphIndex, node: OnnxNode): number {
  const attributes = attributesOf(node, ['axis', 'block_size', 'saturate', 'output_dtype', 'precision'])
  if (numberAttribute(node, attributes, 'block_size', 0) !== 0)
    throw unsupported(node, 'blocked quantization', 'Quantize per tensor.')
  const precision = numberAttribute(node, attributes, 'precision', 0)
  if (precision !== 0 && precision !== onnxTypes.float)
    throw unsupported(node, `division in ${onnxTypeName(precision)}`, 'Quantize in float32.')
  // On QuantizeLinear it is the integer type, which the zero point and the graph tell as well.
  const dequantized = numberAttribute(node, attributes, 'output_dtype', 0)
  if (node.operator === 'DequantizeLinear' && dequantized !== 0 && dequantized !== onnxTypes.float)
    throw unsupported(node, `its output is ${onnxTypeName(dequantized)}`, 'Dequantize to float32.')
  checkZeroPoint(index, node)
  const tensor = constantInput(index, node, 1, 'scale')
  if (tensor.type !== onnxTypes.float)
    throw unsupported(node, `its scale is ${onnxTypeName(tensor.type)}`, 'Store scales as float32.')
  const scales = tensorValues(tensor)
  const scale = scales[0]
  if (scale === undefined)
    throw new GemgateError('GG_MODEL_FORMAT', `${nodeLabel(node)}: its scale is empty`, 'Export again.')
  if (scales.some((other) => other !== scale))
    throw unsupported(node, 'the channels have different scales', 'Quantize per tensor, not per channel.')
  const exponent = scale > 0 && Number.isFinite(scale) ? Math.round(Math.log2(scale)) : Number.NaN
  if (2 ** exponent !== scale)
    throw inexact(
      node,
      `its scale ${scale} is not a power of two`,
      'Quantize with power-of-two scales: 2^ceil(log2(absmax / 127)).',
    )
  if (Math.abs(exponent) > maximumExponent)
    throw inexact(
      node,
      `its scale 2^${exponent} can leave the range of float32 in a sum`,
      `Rescale to between 2^-${maximumExponent} and 2^${maximumExponent}.`,
    )
  return exponent
}

function checkZeroPoint(index: GraphIndex, node: OnnxNode): void {
  if (!node.inputs[2]) return
  const zeros = tensorValues(constantInput(index, node, 2, 'zero point'))
  if (zeros.some((zero) => zero !== 0))
    throw inexact(node, 'its zero point is not 0', 'Quantize symmetrically, with zero point 0.')
}

/** The integer type that a QuantizeLinear makes: its zero point's, else `output_dtype`, else uint8. */
export function quantizedType(index: GraphIndex, node: OnnxNode): number {
  const declared = node.attributes.find((attribute) => attribute.name === 'output_dtype')
  let type: number = onnxTypes.uint8
  if (node.inputs[2]) type = constantInput(index, node, 2, 'zero point').type
  else if (declared?.kind === 'int' && declared.value !== 0) type = declared.value
  checkCarrier(node, type)
  return type
}

/** Refuses types other than 8 and 16-bit integers between layers. */
export function checkCarrier(node: OnnxNode, type: number): void {
  if (!integerRanges.has(type) || type === onnxTypes.int32)
    throw unsupported(
      node,
      `quantized type ${onnxTypeName(type)}`,
      'Quantize to int8, uint8, int16 or uint16; the graph input is quantized already.',
    )
}

/** A constant behind a DequantizeLinear: integers and the exponent of their scale. */
export interface QuantizedConstant {
  readonly tensor: OnnxTensor
  readonly values: Float64Array
  readonly exponent: number
}

/**
 * The quantized constant that feeds input `at` of `node`.
 * @throws GemgateError GG_MODEL_UNSUPPORTED when it is not DequantizeLinear of an integer constant.
 */
export function quantizedConstant(
  index: GraphIndex,
  node: OnnxNode,
  at: number,
  what: string,
): QuantizedConstant {
  const source = index.producer(node.inputs[at] ?? '')
  if (
    source?.operator !== 'DequantizeLinear' ||
    source.domain !== '' ||
    !index.constants.has(source.inputs[0] ?? '')
  )
    throw unsupported(
      node,
      `its ${what} is not a quantized constant`,
      `Store the ${what} as integers behind a DequantizeLinear (QDQ format).`,
    )
  index.use(source)
  const tensor = constantInput(index, source, 0, 'value')
  if (!integerRanges.has(tensor.type))
    throw unsupported(source, `its ${what} is ${onnxTypeName(tensor.type)}`, 'Store it as int8 or int32.')
  return { tensor, values: tensorValues(tensor), exponent: scaleExponent(index, source) }
}
