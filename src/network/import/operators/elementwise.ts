import { onnxTypeName, onnxTypes } from '../../onnx/onnx-model.ts'
import { allIntegerRanges } from '../../onnx/onnx-tensor.ts'
import { addBiasToAccumulator } from '../accumulator-bias.ts'
import type { Step } from '../chain.ts'
import { broadcastIndices, broadcastShape, type Constant } from '../constant.ts'
import type { NodeImport } from '../importer.ts'
import type { Translator } from '../translators.ts'
import { appendStepPerElement, appendSteps, pickView, type View } from '../view.ts'
import { addViews } from './add-views.ts'

/** Appends a step with a constant of its own for each element, broadcasting both operands as ONNX does. */
export function withConstant(
  context: NodeImport,
  view: View,
  constant: Constant,
  steps: (x: number) => Step[],
): View {
  const bad = constant.values.find((x) => !Number.isFinite(x))
  if (bad !== undefined) throw context.malformed(`a constant of it is ${bad}`)
  const shape = broadcastShape(view.shape, constant.shape)
  if (shape === undefined)
    throw context.malformed(`[${view.shape.join(', ')}] and [${constant.shape.join(', ')}] do not broadcast`)
  const sameShape = shape.length === view.shape.length && shape.every((size, k) => size === view.shape[k])
  const wide = sameShape ? view : pickView(view, broadcastIndices(view.shape, shape), shape)
  if (constant.values.every((x) => Object.is(x, constant.values[0])))
    return appendSteps(wide, ...steps(constant.values[0]!))
  const at = broadcastIndices(constant.shape, shape)
  const known = Array.from(constant.values, (x) => steps(x))
  return appendStepPerElement(
    context.builder,
    wide,
    Array.from(at, (k) => known[k]!),
  )
}

function checkFloat(context: NodeImport, view: View): void {
  if (view.type !== onnxTypes.float)
    throw context.unsupported(`its data are ${onnxTypeName(view.type)}`, 'Cast to float32 before it.')
}

/** Operands of a commutative or not commutative operator: the view, the constant, and whether it is first. */
function operands(
  context: NodeImport,
): { view: View; constant: Constant; constantFirst: boolean } | undefined {
  const [a, b] = [context.operand(0), context.operand(1)]
  if (a.kind === 'view' && b.kind === 'view') return undefined
  return a.kind === 'constant'
    ? { view: context.view(1), constant: a, constantFirst: true }
    : { view: context.view(0), constant: b as Constant, constantFirst: false }
}

const add =
  (sign: 1 | -1): Translator =>
  (context) => {
    context.attributes('axis', 'broadcast')
    const found = operands(context)
    if (found === undefined) {
      context.result(addViews(context, context.view(0), context.view(1), sign))
      return
    }
    const { view, constant, constantFirst } = found
    if (view.type !== onnxTypes.float) {
      context.result(addInteger(context, view, constant, constantFirst, sign))
      return
    }
    const biased = sign === 1 ? addBiasToAccumulator(context, view, constant) : undefined
    if (biased !== undefined) {
      context.result(biased)
      return
    }
    const negated = constantFirst && sign === -1
    const from = negated ? appendSteps(view, { kind: 'multiply', value: -1 }) : view
    const amount = (x: number): number => (sign === -1 && !constantFirst ? -x : x)
    context.result(withConstant(context, from, constant, (x) => [{ kind: 'add', value: amount(x) }]))
  }

/** Integer tensors wrap around in ONNX: only sums that stay inside 32 bits are taken. */
function addInteger(
  context: NodeImport,
  view: View,
  constant: Constant,
  constantFirst: boolean,
  sign: 1 | -1,
): View {
  if (view.type !== onnxTypes.int32 || (constantFirst && sign === -1))
    throw context.unsupported(
      `its data are ${onnxTypeName(view.type)}`,
      'Add after DequantizeLinear or Cast, in float32.',
    )
  const [low, high] = allIntegerRanges.get(view.type)!
  for (const { min, max } of context.builder.value(view.value).ranges)
    if (constant.values.some((x) => min + sign * x < low / 2 || max + sign * x > high / 2))
      throw context.unsupported('its sum can leave 32 bits', 'Use smaller numbers.')
  return withConstant(context, view, constant, (x) => [{ kind: 'offset', value: sign * x }])
}

const multiply: Translator = (context) => {
  context.attributes('axis', 'broadcast')
  const found = operands(context)
  if (found === undefined)
    throw context.unsupported(
      'it multiplies two computed values',
      'Only products with constants have an exact linear form.',
    )
  checkFloat(context, found.view)
  context.result(withConstant(context, found.view, found.constant, (x) => [{ kind: 'multiply', value: x }]))
}

const divide: Translator = (context) => {
  context.attributes('axis', 'broadcast')
  const found = operands(context)
  if (found === undefined || found.constantFirst)
    throw context.unsupported('it divides by a computed value', 'Divide by constants.')
  checkFloat(context, found.view)
  if (found.constant.values.some((x) => x === 0)) throw context.malformed('it divides by 0')
  context.result(withConstant(context, found.view, found.constant, (x) => [{ kind: 'divide', value: x }]))
}

const relu: Translator = (context) => {
  context.attributes()
  context.result(appendSteps(context.view(0), { kind: 'clip', low: 0, high: Number.POSITIVE_INFINITY }))
}

const clip: Translator = (context) => {
  const attributes = context.attributes('min', 'max')
  const limit = (name: string, at: number, missing: number): number => {
    const attribute = attributes.get(name)
    if (attribute?.kind === 'float' || attribute?.kind === 'int') return attribute.value
    const constant = context.optionalConstant(at, 'limit')
    if (constant === undefined) return missing
    if (constant.values.length !== 1) throw context.malformed('its limit is not one number')
    return constant.values[0]!
  }
  const low = limit('min', 1, Number.NEGATIVE_INFINITY)
  const high = limit('max', 2, Number.POSITIVE_INFINITY)
  if (!(low <= high)) throw context.malformed(`limits ${low} and ${high}`)
  context.result(appendSteps(context.view(0), { kind: 'clip', low, high }))
}

/** Min and Max with a constant are clips; a maximum of two views is not. */
const limit =
  (side: 'low' | 'high'): Translator =>
  (context) => {
    context.attributes()
    if (context.node.inputs.length !== 2) throw context.unsupported('it has more than two inputs', 'Nest it.')
    const found = operands(context)
    if (found === undefined) throw context.unsupported('both inputs are computed', 'Compare with constants.')
    const { view, constant } = found
    context.result(
      withConstant(context, view, constant, (x) => [
        side === 'low'
          ? { kind: 'clip', low: x, high: Number.POSITIVE_INFINITY }
          : { kind: 'clip', low: Number.NEGATIVE_INFINITY, high: x },
      ]),
    )
  }

const leakyRelu: Translator = (context) => {
  const alpha = context.attributes('alpha').get('alpha')
  const slope = alpha?.kind === 'float' ? alpha.value : Math.fround(0.01)
  checkFloat(context, context.view(0))
  context.result(appendSteps(context.view(0), leaky(context, slope)))
}

const pRelu: Translator = (context) => {
  context.attributes()
  const view = context.view(0)
  checkFloat(context, view)
  context.result(withConstant(context, view, context.constant(1, 'slope'), (x) => [leaky(context, x)]))
}

function leaky(context: NodeImport, slope: number): Step {
  if (!(slope >= 0 && slope < 2 ** 60))
    throw context.unsupported(
      `its slope is ${slope}`,
      'Use a slope of at least 0: the function must be monotone.',
    )
  return { kind: 'leaky', slope }
}

const hardSigmoid: Translator = (context) => {
  const attributes = context.attributes('alpha', 'beta')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'float' ? attribute.value : Math.fround(missing)
  }
  checkFloat(context, context.view(0))
  context.result(
    appendSteps(
      context.view(0),
      { kind: 'multiply', value: number('alpha', 0.2) },
      { kind: 'add', value: number('beta', 0.5) },
      { kind: 'clip', low: 0, high: 1 },
    ),
  )
}

const smooth =
  (name: 'Sigmoid' | 'Tanh'): Translator =>
  (context) => {
    context.attributes()
    checkFloat(context, context.view(0))
    context.result(appendSteps(context.view(0), { kind: 'smooth', name }))
  }

const negate: Translator = (context) => {
  context.attributes()
  checkFloat(context, context.view(0))
  context.result(appendSteps(context.view(0), { kind: 'multiply', value: -1 }))
}

const cast: Translator = (context) => {
  context.attributes('to', 'saturate', 'round_mode')
  const view = context.view(0)
  const type = context.resultType()
  const range = allIntegerRanges.get(type)
  const integers = view.type !== onnxTypes.float
  const fits =
    range !== undefined &&
    integers &&
    view.chains.every((chain) => chain.length === 0) &&
    context.builder.value(view.value).ranges.every(({ min, max }) => min >= range[0] && max <= range[1])
  if (!fits && type !== onnxTypes.float)
    throw context.unsupported(
      `it casts ${onnxTypeName(view.type)} to ${onnxTypeName(type)}`,
      'Cast integers to float32 or to integers that hold them all; quantize with QuantizeLinear.',
    )
  context.result({ ...view, type })
}

export const elementwise: Readonly<Record<string, Translator>> = {
  Add: add(1),
  Sub: add(-1),
  Mul: multiply,
  Div: divide,
  Relu: relu,
  Clip: clip,
  Max: limit('low'),
  Min: limit('high'),
  LeakyRelu: leakyRelu,
  PRelu: pRelu,
  HardSigmoid: hardSigmoid,
  Sigmoid: smooth('Sigmoid'),
  Tanh: smooth('Tanh'),
  Neg: negate,
  Cast: cast,
}
