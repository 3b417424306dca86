import { onnxTypes } from '../../onnx/onnx-model.ts'
import { floatRounding, roundHalfToEven, saturate } from '../element-types.ts'
import type { OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { quantizedRange } from './quantize-linear.ts'

/** The scale and zero point of a quantized operand; both have one element, or one for each channel. */
export interface Quantized {
  readonly scale: Float64Array
  readonly zero: Float64Array
  /** Element type of the zero point; uint8 without one. */
  readonly type: number
}

/** Reads scale and zero point at inputs `at` and `at + 1`; the zero point may be missing. */
export function quantizedAt(call: OperatorCall, at: number): Quantized {
  const scale = call.float(at).data
  const zero = call.optional(at + 1)
  if (zero === undefined) return { scale, zero: new Float64Array(1), type: onnxTypes.uint8 }
  quantizedRange(call, zero.type)
  return { scale, zero: zero.data, type: zero.type }
}

/** The only scale and zero point of an operand that is quantized per tensor. */
export function perTensor(call: OperatorCall, { scale, zero }: Quantized): { scale: number; zero: number } {
  if (scale.length !== 1 || zero.length !== 1)
    throw call.refuse('it is quantized per channel where one scale belongs', 'Quantize per tensor.')
  return { scale: scale[0]!, zero: zero[0]! }
}

/** Rounds to float32 unless the evaluation is over the real numbers. */
export function singleRounding(call: OperatorCall): (x: number) => number {
  return floatRounding(onnxTypes.float, call.precision)
}

/**
 * int32 accumulators to a quantized type as ONNX Runtime's CPU kernels do it, in float32:
 * `saturate(roundHalfEven(float(acc) * (sa * sb / sy)) + zero)`.
 * @param axis of the result along which the multipliers differ
 */
export function requantize(
  call: OperatorCall,
  sums: Tensor,
  multipliers: ArrayLike<number>,
  axis: number,
  to: Quantized,
): Tensor {
  const { zero } = perTensor(call, to)
  const range = quantizedRange(call, to.type)
  const round = singleRounding(call)
  const channels = sums.dims[axis] ?? 1
  if (multipliers.length !== 1 && multipliers.length !== channels)
    throw call.malformed(`it has ${multipliers.length} scales for ${channels} channels`)
  const inner = countElements(sums.dims.slice(axis + 1))
  const data = call.allocate(sums.dims)
  for (let i = 0; i < data.length; i++) {
    const m = multipliers[multipliers.length === 1 ? 0 : Math.floor(i / inner) % channels]!
    data[i] = saturate(roundHalfToEven(round(round(sums.data[i]!) * m)) + zero, range) + 0
  }
  return { type: to.type, dims: sums.dims, data }
}
