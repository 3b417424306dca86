import { onnxTypeName, onnxTypes } from '../../onnx/onnx-model.ts'
import { allIntegerRanges, isDecodable } from '../../onnx/onnx-tensor.ts'
import { isFloat } from '../element-types.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import type { Tensor } from '../tensor.ts'
import { vector } from './shape.ts'

const constant: Operator = (call) => {
  const value = call.tensor('value')
  if (value !== undefined) return [value]
  if (call.hasAttribute('value_float')) return [scalar(call, onnxTypes.float, call.number('value_float', 0))]
  if (call.hasAttribute('value_int')) return [scalar(call, onnxTypes.int64, call.number('value_int', 0))]
  const ints = call.numbers('value_ints')
  if (ints !== undefined) return [vector(call, ints)]
  const floats = call.numbers('value_floats')
  if (floats !== undefined) return [call.make(onnxTypes.float, [floats.length], Float64Array.from(floats))]
  throw call.refuse('its value is neither a tensor nor numbers')
}

function scalar(call: OperatorCall, type: number, value: number): Tensor {
  return call.make(type, [], Float64Array.of(value))
}

const constantOfShape: Operator = (call) => {
  const value = call.tensor('value') ?? scalar(call, onnxTypes.float, 0)
  const dims = [...call.input(0).data]
  if (value.data.length !== 1) throw call.malformed(`its value has ${value.data.length} elements`)
  return [{ type: value.type, dims, data: call.allocate(dims).fill(value.data[0]!) }]
}

const range: Operator = (call) => {
  const [start, limit, delta] = [call.scalar(0), call.scalar(1), call.scalar(2)]
  if (delta === 0) throw call.malformed('its step is 0')
  const count = Math.max(0, Math.ceil((limit - start) / delta))
  const data = call.allocate([count])
  for (let i = 0; i < count; i++) data[i] = start + i * delta
  return [call.make(call.input(0).type, [count], data)]
}

/** Floats become integers by cutting; what does not fit has no defined result and is refused. */
const cast: Operator = (call) => {
  call.ignore('saturate', 'round_mode')
  const x = call.input(0)
  const to = call.required('to')
  if (!isDecodable(to)) throw call.refuse(`it casts to ${onnxTypeName(to)}`)
  const data = call.allocate(x.dims)
  const limits = isFloat(x.type) ? allIntegerRanges.get(to) : undefined
  for (let i = 0; i < data.length; i++) {
    const value = x.data[i]!
    if (to === onnxTypes.bool) data[i] = value === 0 ? 0 : 1
    else data[i] = isFloat(x.type) && !isFloat(to) ? Math.trunc(value) : value
    if (limits !== undefined && !(data[i]! >= limits[0] && data[i]! <= limits[1]))
      throw call.refuse(`it casts ${value} to ${onnxTypeName(to)}, which cannot hold it`)
  }
  return [call.make(to, x.dims, data)]
}

/** Operators that make tensors, or give them another type. */
export const creations: Readonly<Record<string, Operator>> = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  Cast: cast,
}
