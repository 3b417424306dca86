import { onnxTypes } from '../../onnx/onnx-model.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { convolve } from './convolution.ts'
import { centred } from './integer-products.ts'
import { expandOnto, matrixProduct, orient } from './matrix.ts'
import { perTensor, type Quantized, quantizedAt, requantize, singleRounding } from './requantize.ts'

/** `sa * sb / sy` in float32 steps, for each scale of b. */
function multipliers(call: OperatorCall, a: Quantized, b: Quantized, to: Quantized, alpha = 1): number[] {
  const round = singleRounding(call)
  const left = round(alpha * perTensor(call, a).scale)
  const out = perTensor(call, to).scale
  return Array.from(b.scale, (scale) => round(round(left * scale) / out))
}

const qLinearConv: Operator = (call) => {
  const [from, kernel, to] = [quantizedAt(call, 1), quantizedAt(call, 4), quantizedAt(call, 6)]
  perTensor(call, from)
  const x = centred(call, call.input(0), call.optional(2), 1)
  const weights = centred(call, call.input(3), call.optional(5), 0)
  const { dims, data } = convolve(call, x, weights, call.optional(8)?.data)
  const sums = call.make(onnxTypes.int32, dims, data)
  return [requantize(call, sums, multipliers(call, from, kernel, to), 1, to)]
}

const qLinearMatMul: Operator = (call) => {
  const [from, by, to] = [quantizedAt(call, 1), quantizedAt(call, 4), quantizedAt(call, 6)]
  perTensor(call, from)
  const a = centred(call, call.input(0), call.optional(2), 0)
  const b = centred(call, call.input(3), call.optional(5), call.input(3).dims.length - 1)
  const { dims, data } = matrixProduct(call, a, b)
  const sums = call.make(onnxTypes.int32, dims, data)
  return [requantize(call, sums, multipliers(call, from, by, to), dims.length - 1, to)]
}

/** As Gemm, with the bias in units of the accumulator; without an output scale the result is a float. */
const qGemm: Operator = (call) => {
  const alpha = Math.fround(call.number('alpha', 1))
  const [from, by] = [quantizedAt(call, 1), quantizedAt(call, 4)]
  perTensor(call, from)
  const a = orient(call, centred(call, call.input(0), call.optional(2), 0), call.flag('transA', false))
  const given = orient(call, call.input(3), call.flag('transB', false))
  const b = centred(call, given, call.optional(5), 1)
  const { dims, data } = matrixProduct(call, a, b)
  const c = call.optional(6)
  if (c !== undefined) {
    const bias = expandOnto(call, c, dims)
    for (let i = 0; i < data.length; i++) data[i]! += bias[i]!
  }
  const sums = call.make(onnxTypes.int32, dims, data)
  if (call.optional(7) === undefined) return [scaled(call, sums, from, by, alpha)]
  const to = quantizedAt(call, 7)
  return [requantize(call, sums, multipliers(call, from, by, to, alpha), 1, to)]
}

function scaled(call: OperatorCall, sums: Tensor, a: Quantized, b: Quantized, alpha: number): Tensor {
  const one: Quantized = { scale: Float64Array.of(1), zero: Float64Array.of(0), type: onnxTypes.int32 }
  const factors = multipliers(call, a, b, one, alpha)
  const round = singleRounding(call)
  const columns = sums.dims.at(-1)!
  const data = call.allocate(sums.dims)
  for (let i = 0; i < data.length; i++)
    data[i] = round(sums.data[i]!) * factors[factors.length === 1 ? 0 : i % columns]!
  return call.make(onnxTypes.float, sums.dims, data)
}

/** The mean over the spatial axes, from the exact integer sum. */
const qLinearGlobalAveragePool: Operator = (call) => {
  if (call.flag('channels_last', false)) throw call.refuse('its channels come last', 'Use NCHW.')
  const [from, to] = [quantizedAt(call, 1), quantizedAt(call, 3)]
  const x = centred(call, call.input(0), call.optional(2), 1)
  if (x.dims.length < 3) throw call.malformed(`its data has shape [${x.dims.join(', ')}]`)
  const size = countElements(x.dims.slice(2))
  const dims = x.dims.map((dim, axis) => (axis < 2 ? dim : 1))
  const sums = call.allocate(dims)
  for (let i = 0; i < x.data.length; i++) sums[Math.floor(i / size)]! += x.data[i]!
  const round = singleRounding(call)
  const multiplier = round(perTensor(call, from).scale / round(perTensor(call, to).scale * size))
  return [requantize(call, call.make(onnxTypes.int32, dims, sums), [multiplier], 1, to)]
}

/** Integer products that are requantized at once: ONNX's own and those of ONNX Runtime. */
export const quantizedProducts: Readonly<
  Record<'standard' | 'microsoft', Readonly<Record<string, Operator>>>
> = {
  standard: { QLinearConv: qLinearConv, QLinearMatMul: qLinearMatMul },
  microsoft: {
    QLinearConv: qLinearConv,
    QGemm: qGemm,
    QLinearGlobalAveragePool: qLinearGlobalAveragePool,
  },
}
