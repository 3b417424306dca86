import { onnxTypes } from '../../onnx/onnx-model.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { convolve } from './convolution.ts'
import { matrixProduct } from './matrix.ts'
import { quantizedRange } from './quantize-linear.ts'

/**
 * A quantized tensor less its zero point.
 * @param axis of the channels, when there is one zero point for each
 */
export function centred(call: OperatorCall, x: Tensor, zero: Tensor | undefined, axis: number): Tensor {
  quantizedRange(call, x.type)
  if (zero === undefined) return x
  const data = call.allocate(x.dims)
  const channels = x.dims[axis] ?? 1
  const inner = countElements(x.dims.slice(axis + 1))
  const one = zero.data.length === 1
  if (!one && zero.data.length !== channels)
    throw call.malformed(`it has ${zero.data.length} zero points for ${channels} channels`)
  for (let i = 0; i < data.length; i++)
    data[i] = x.data[i]! - zero.data[one ? 0 : Math.floor(i / inner) % channels]!
  return { type: onnxTypes.int32, dims: x.dims, data }
}

const matMulInteger: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)]
  const left = centred(call, a, call.optional(2), a.dims.length - 2)
  const right = centred(call, b, call.optional(3), b.dims.length - 1)
  const { dims, data } = matrixProduct(call, left, right)
  return [call.make(onnxTypes.int32, dims, data)]
}

const convInteger: Operator = (call) => {
  const x = centred(call, call.input(0), call.optional(2), 1)
  const weights = centred(call, call.input(1), call.optional(3), 0)
  const { dims, data } = convolve(call, x, weights)
  return [call.make(onnxTypes.int32, dims, data)]
}

/** Products of quantized numbers as int32. */
export const integerProducts: Readonly<Record<string, Operator>> = {
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
}
