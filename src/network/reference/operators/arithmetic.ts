import { onnxTypeName, onnxTypes } from '../../onnx/onnx-model.ts'
import { isFloat, roundHalfToEven } from '../element-types.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import type { Tensor } from '../tensor.ts'
import { combineElements, mapElements } from './broadcast.ts'

type Binary = (a: number, b: number) => number

function sameType(call: OperatorCall): [Tensor, Tensor] {
  const [a, b] = [call.input(0), call.input(1)]
  if (a.type !== b.type)
    throw call.malformed(`its operands are ${onnxTypeName(a.type)} and ${onnxTypeName(b.type)}`)
  return [a, b]
}

function binary(f: Binary): Operator {
  return (call) => {
    // Before operator set 7 shapes were broadcast only when this attribute said so, and from axis `axis`.
    if (call.opset < 7 && call.flag('broadcast', false) && call.hasAttribute('axis'))
      throw call.refuse('it broadcasts from an axis of its own', 'Export for operator set 11 or later.')
    return [combineElements(call, ...sameType(call), f)]
  }
}

/** Quotients of integers are cut towards zero. */
const divide: Operator = (call) => {
  const [a, b] = sameType(call)
  if (isFloat(a.type)) return [combineElements(call, a, b, (x, y) => x / y)]
  if (b.data.includes(0)) throw call.refuse('it divides integers by 0')
  return [combineElements(call, a, b, (x, y) => Math.trunc(x / y))]
}

const power: Operator = (call) => {
  const [base, exponent] = [call.input(0), call.input(1)]
  return [combineElements(call, base, exponent, (x, y) => (isFloat(base.type) ? x ** y : Math.trunc(x ** y)))]
}

function comparison(f: (a: number, b: number) => boolean): Operator {
  return (call) => [combineElements(call, ...sameType(call), (x, y) => (f(x, y) ? 1 : 0), onnxTypes.bool)]
}

/** Any number of operands. */
function folded(f: Binary): Operator {
  return (call) => [call.all().reduce((a, b) => combineElements(call, a, b, f))]
}

function unary(f: (x: number) => number): Operator {
  return (call) => [mapElements(call, call.input(0), f)]
}

function unaryFloat(f: (x: number) => number): Operator {
  return (call) => [mapElements(call, call.float(0), f)]
}

/** NaN in either operand gives NaN, as in numpy and Math.max. */
const clip: Operator = (call) => {
  const x = call.input(0)
  let [min, max] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  if (call.opset < 11) {
    if (call.inputCount > 1) throw call.malformed(`its limits are attributes in operator set ${call.opset}`)
    min = call.number('min', min)
    max = call.number('max', max)
  } else {
    if (call.optional(1) !== undefined) min = call.scalar(1)
    if (call.optional(2) !== undefined) max = call.scalar(2)
  }
  return [mapElements(call, x, (value) => Math.min(max, Math.max(value, min)))]
}

/** Elementwise arithmetic with broadcasting. */
export const arithmetic: Readonly<Record<string, Operator>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: divide,
  Pow: power,
  Max: folded(Math.max),
  Min: folded(Math.min),
  Sum: folded((a, b) => a + b),
  Equal: comparison((a, b) => a === b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Floor: unaryFloat(Math.floor),
  Ceil: unaryFloat(Math.ceil),
  Round: unaryFloat(roundHalfToEven),
  Sqrt: unaryFloat(Math.sqrt),
  Exp: unaryFloat(Math.exp),
  Log: unaryFloat(Math.log),
  Reciprocal: unaryFloat((x) => 1 / x),
  Clip: clip,
}
