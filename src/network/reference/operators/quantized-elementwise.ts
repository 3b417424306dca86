import { roundHalfToEven, saturate } from '../element-types.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import type { Tensor } from '../tensor.ts'
import { logistic } from './activations.ts'
import { combineElements } from './broadcast.ts'
import { concatenate } from './layout.ts'
import { poolWindows } from './pooling.ts'
import { quantizedRange } from './quantize-linear.ts'
import { perTensor, type Quantized, quantizedAt, singleRounding } from './requantize.ts'

/** Float steps of two quantized operands to a quantized result, as ONNX Runtime's x64 kernels do them. */
type Combine = (
  parts: { scale: number; zero: number }[],
  round: (x: number) => number,
  /** Whether an operand has a single element. */
  scalars: readonly [boolean, boolean],
) => (a: number, b: number) => number

function combined(prepare: Combine): Operator {
  return (call) => {
    const [a, b, to] = [quantizedAt(call, 1), quantizedAt(call, 4), quantizedAt(call, 6)]
    const type = call.input(0).type
    if (type !== call.input(3).type) throw call.malformed('its operands have different types')
    const range = quantizedRange(call, type)
    const f = prepare(
      [a, b, to].map((part) => perTensor(call, part)),
      singleRounding(call),
      [call.input(0).data.length === 1, call.input(3).data.length === 1],
    )
    const integer = (x: number, y: number): number => saturate(roundHalfToEven(f(x, y)), range) + 0
    return [combineElements(call, call.input(0), call.input(3), integer, type)]
  }
}

/**
 * The zero point is added before rounding: with an odd one, ties round the other way than in ONNX. Products
 * are fused into the sums (FMA), as on every x64 processor with AVX2; a scalar operand comes first.
 */
const qLinearAdd = combined(([a, b, to], round, scalars) => {
  const [left, right] = [round(a!.scale / to!.scale), round(b!.scale / to!.scale)]
  const [p, q] =
    scalars[0] && !scalars[1] ? [right * b!.zero, left * a!.zero] : [left * a!.zero, right * b!.zero]
  const fixed = round(to!.zero - round(p + round(q)))
  if (scalars[1]) return (x, y) => round(round(fixed + y * right) + x * left)
  return (x, y) => round(round(fixed + x * left) + y * right)
})

const qLinearMul = combined(([a, b, to], round) => {
  const ratio = round(round(a!.scale * b!.scale) / to!.scale)
  return (x, y) => round(round((x - a!.zero) * (y - b!.zero) * ratio) + to!.zero)
})

/** `f` between dequantizing and quantizing, one element at a time. */
function mapped(
  call: OperatorCall,
  x: Tensor,
  from: Quantized,
  to: Quantized,
  f: (x: number) => number,
): Tensor {
  const [source, target] = [perTensor(call, from), perTensor(call, to)]
  quantizedRange(call, x.type)
  const range = quantizedRange(call, to.type)
  const round = singleRounding(call)
  const data = call.allocate(x.dims)
  for (let i = 0; i < data.length; i++) {
    const made = round(f(round(source.scale * (x.data[i]! - source.zero))))
    data[i] = saturate(roundHalfToEven(round(made / target.scale)) + target.zero, range) + 0
  }
  return { type: to.type, dims: x.dims, data }
}

function activation(prepare: (call: OperatorCall) => (x: number) => number): Operator {
  return (call) => {
    const f = prepare(call)
    const x = call.input(0)
    const to = quantizedAt(call, 3)
    return [mapped(call, x, quantizedAt(call, 1), { ...to, type: x.type }, f)]
  }
}

/** Inputs: scale and zero point of the result, then tensor, scale and zero point of each part. */
const qLinearConcat: Operator = (call) => {
  const to = quantizedAt(call, 0)
  if (call.inputCount < 5 || (call.inputCount - 2) % 3 !== 0)
    throw call.malformed(`it has ${call.inputCount} inputs`)
  const parts = Array.from({ length: (call.inputCount - 2) / 3 }, (_, k) =>
    mapped(call, call.input(2 + 3 * k), quantizedAt(call, 3 + 3 * k), to, (x) => x),
  )
  return [concatenate(call, parts, call.required('axis'))]
}

/** Floats are summed in the order of the window, and the zero point is added before rounding. */
const qLinearAveragePool: Operator = (call) => {
  if (call.flag('channels_last', false)) throw call.refuse('its channels come last', 'Use NCHW.')
  const withPadding = call.flag('count_include_pad', false)
  const x = call.input(0)
  const from = perTensor(call, quantizedAt(call, 1))
  const to = perTensor(call, quantizedAt(call, 3))
  const range = quantizedRange(call, x.type)
  const round = singleRounding(call)
  const { dims, data } = poolWindows(call, x, (inside, cells) => {
    let sum = 0
    for (const element of inside) sum = round(sum + round(from.scale * (element - from.zero)))
    const mean = round(sum / (withPadding ? cells : inside.length))
    return saturate(roundHalfToEven(round(round(mean / to.scale) + to.zero)), range) + 0
  })
  return [{ type: x.type, dims, data }]
}

/** Operators of ONNX Runtime's own domain on quantized numbers. */
export const quantizedElementwise: Readonly<Record<string, Operator>> = {
  QLinearAdd: qLinearAdd,
  QLinearMul: qLinearMul,
  QLinearSigmoid: activation(() => logistic),
  QLinearLeakyRelu: activation((call) => {
    const slope = Math.fround(call.number('alpha', 0.01))
    return (x) => (x >= 0 ? x : slope * x)
  }),
  QLinearConcat: qLinearConcat,
  QLinearAveragePool: qLinearAveragePool,
}
