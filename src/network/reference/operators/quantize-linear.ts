import { onnxTypeName, onnxTypes } from '../../onnx/onnx-model.ts'
import { allIntegerRanges } from '../../onnx/onnx-tensor.ts'
import { floatRounding, isFloat, roundHalfToEven, saturate } from '../element-types.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'

/**
 * Where in the list of scales each element of the data finds its own: per tensor, per axis or blocked.
 * Reads the attributes `axis` and `block_size`.
 */
export function scalePlaces(call: OperatorCall, x: Tensor, scale: Tensor): (element: number) => number {
  const block = call.number('block_size', 0)
  const given = call.number('axis', 1)
  if (block === 0 && scale.data.length === 1 && scale.dims.length <= 1) return () => 0
  const axis = call.axis(given, x.dims.length)
  const size = x.dims[axis]!
  const inner = countElements(x.dims.slice(axis + 1))
  if (block === 0) {
    if (scale.dims.length !== 1 || scale.data.length !== size)
      throw call.malformed(
        `scales [${scale.dims.join(', ')}] do not fit axis ${axis} of [${x.dims.join(', ')}]`,
      )
    return (i) => Math.floor(i / inner) % size
  }
  const blocks = scale.dims[axis] ?? 0
  const fits =
    scale.dims.length === x.dims.length &&
    block > 0 &&
    Math.ceil(size / block) === blocks &&
    x.dims.every((dim, i) => i === axis || dim === scale.dims[i])
  if (!fits)
    throw call.malformed(`blocks [${scale.dims.join(', ')}] of ${block} do not fit [${x.dims.join(', ')}]`)
  return (i) => {
    const outer = Math.floor(i / (inner * size))
    const place = Math.floor(i / inner) % size
    return (outer * blocks + Math.floor(place / block)) * inner + (i % inner)
  }
}

/** An optional zero point: absent means 0; its shape is the scale's. */
function zeroPoints(call: OperatorCall, scale: Tensor): Float64Array {
  const zero = call.optional(2)
  if (zero === undefined) return new Float64Array(scale.data.length)
  if (zero.data.length !== scale.data.length)
    throw call.malformed(`it has ${scale.data.length} scales and ${zero.data.length} zero points`)
  return zero.data
}

/** Smallest and largest value of a type that quantized numbers may have. */
export function quantizedRange(call: OperatorCall, type: number): readonly [number, number] {
  const range = allIntegerRanges.get(type)
  if (range === undefined || type === onnxTypes.bool)
    throw call.refuse(`its quantized type is ${onnxTypeName(type)}`, 'Quantize to integers.')
  return range
}

const quantizeLinear: Operator = (call) => {
  call.ignore('saturate')
  const [x, scale] = [call.input(0), call.float(1)]
  const places = scalePlaces(call, x, scale)
  const zeros = zeroPoints(call, scale)
  const declared = call.number('output_dtype', 0)
  const type = call.optional(2)?.type ?? (declared === 0 ? onnxTypes.uint8 : declared)
  if (declared !== 0 && declared !== type)
    throw call.malformed(
      `its output_dtype is ${onnxTypeName(declared)}, its zero point ${onnxTypeName(type)}`,
    )
  const range = quantizedRange(call, type)
  const divided = call.number('precision', 0) || scale.type
  const round = floatRounding(divided, call.precision)
  const data = call.allocate(x.dims)
  for (let i = 0; i < data.length; i++) {
    const at = places(i)
    const quotient = round(x.data[i]! / scale.data[at]!)
    data[i] = saturate(roundHalfToEven(quotient) + zeros[at]!, range) + 0
  }
  return [{ type, dims: x.dims, data }]
}

const dequantizeLinear: Operator = (call) => {
  const [x, scale] = [call.input(0), call.float(1)]
  quantizedRange(call, x.type)
  const places = scalePlaces(call, x, scale)
  const zeros = zeroPoints(call, scale)
  const type = call.number('output_dtype', 0) || scale.type
  if (!isFloat(type)) throw call.malformed(`it dequantizes to ${onnxTypeName(type)}`)
  const round = floatRounding(scale.type, call.precision)
  const data = call.allocate(x.dims)
  for (let i = 0; i < data.length; i++) {
    const at = places(i)
    data[i] = round(x.data[i]! - zeros[at]!) * scale.data[at]!
  }
  return [call.make(type, x.dims, data)]
}

/** To uint8 with the scale and zero point that the data itself asks for. */
const dynamicQuantizeLinear: Operator = (call) => {
  const x = call.float(0)
  const round = floatRounding(onnxTypes.float, call.precision)
  let [low, high] = [0, 0]
  for (const value of x.data) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const scale = round(round(high - low) / 255) || 1
  const zero = saturate(roundHalfToEven(round(-low / scale)), [0, 255])
  const data = call.allocate(x.dims)
  for (let i = 0; i < data.length; i++)
    data[i] = saturate(roundHalfToEven(round(x.data[i]! / scale)) + zero, [0, 255])
  return [
    { type: onnxTypes.uint8, dims: x.dims, data },
    call.make(onnxTypes.float, [], Float64Array.of(scale)),
    call.make(onnxTypes.uint8, [], Float64Array.of(zero)),
  ]
}

/** Between floats and integers. */
export const quantization: Readonly<Record<string, Operator>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
}
