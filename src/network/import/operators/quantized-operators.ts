import { onnxTypeName, onnxTypes } from '../../onnx/onnx-model.ts'
import { allIntegerRanges } from '../../onnx/onnx-tensor.ts'
import type { Constant } from '../constant.ts'
import type { NodeImport } from '../importer.ts'
import { checkScale } from '../qonnx-quantizer.ts'
import type { Quantizer } from '../quantizer.ts'
import type { Translator } from '../translators.ts'
import { appendSteps, type View } from '../view.ts'
import { addViews } from './add-views.ts'
import { convolution } from './convolution.ts'
import { biasVector, product, transposed, transposedConstant } from './matrix.ts'
import { quantizeTo } from './quantize-linear.ts'

/** The view of a quantized operand as real numbers. */
export function realOperand(context: NodeImport, at: number): View {
  const scale = single(context, at + 1, 'scale')
  const zero = context.optionalConstant(at + 2, 'zero point')
  const view = context.view(at)
  const shift = zero === undefined ? 0 : uniform(context, zero, 'zero point')
  return appendSteps(
    { ...view, type: onnxTypes.float },
    ...(shift === 0 ? [] : [{ kind: 'offset', value: -shift } as const]),
    { kind: 'multiply', value: checkScale(context.node, scale) },
  )
}

function single(context: NodeImport, at: number, what: string): number {
  return uniform(context, floatConstant(context, at, what), what)
}

/** A scale: fused operators multiply in float32. */
function floatConstant(context: NodeImport, at: number, what: string): Constant {
  const constant = context.constant(at, what)
  if (constant.type === onnxTypes.float) return constant
  throw context.unsupported(`its ${what} is ${onnxTypeName(constant.type)}`, 'Store scales as float32.')
}

function uniform(context: NodeImport, constant: Constant, what: string): number {
  const [first] = constant.values
  if (first === undefined || constant.values.some((x) => x !== first))
    throw context.unsupported(`its channels have different values of its ${what}`, 'Quantize per tensor.')
  return first
}

/** Weights with their integers and scales, one scale for all or one for each index of `axis`. */
function quantizedWeights(context: NodeImport, at: number, axis: number): Constant {
  const stored = context.constant(at, 'weights')
  const scale = floatConstant(context, at + 1, 'weight scale')
  const zero = context.optionalConstant(at + 2, 'weight zero point')
  const size = stored.shape.at(axis) ?? 1
  const inner = axis === 0 ? stored.values.length / size : 1
  const parameter = (constant: Constant, i: number): number => {
    if (constant.values.length === 1) return constant.values[0]!
    if (constant.values.length !== size)
      throw context.malformed(`${constant.values.length} scales or zero points for ${size} outputs`)
    return constant.values[Math.floor(i / inner) % size]!
  }
  const integers = stored.values.map((w, i) => w - (zero === undefined ? 0 : parameter(zero, i)))
  const scales = stored.values.map((_, i) => checkScale(context.node, parameter(scale, i)))
  const values = integers.map((w, i) => Math.fround(w * scales[i]!))
  return { ...stored, type: onnxTypes.float, values, quantized: { integers, scales } }
}

/** An int32 bias in units of input scale times weight scale. */
function accumulatorBias(
  context: NodeImport,
  at: number,
  inputScale: number,
  weights: Constant,
  axis: number,
): Constant | undefined {
  const bias = biasVector(context, context.optionalConstant(at, 'bias'), weights.shape.at(axis)!)
  if (bias === undefined) return undefined
  const { scales } = weights.quantized!
  const perOutput = axis === 0 ? scales.length / weights.shape[0]! : 1
  const { floats } = context.importer
  const of = (j: number): number => {
    const scale = inputScale * scales[j * perOutput]!
    return floats ? Math.fround(scale) : scale
  }
  const outputs = weights.shape.at(axis)!
  const integers = Float64Array.from(
    { length: outputs },
    (_, j) => bias.values[bias.values.length === 1 ? 0 : j]!,
  )
  const own = integers.map((_, j) => of(j))
  const values = integers.map((b, j) => Math.fround(b * own[j]!))
  return {
    kind: 'constant',
    type: onnxTypes.float,
    shape: [outputs],
    values,
    quantized: { integers, scales: own },
  }
}

/** The result of a quantized operator: quantized as its accumulators are. */
export function requantize(
  context: NodeImport,
  view: View,
  scaleAt: number,
  zeroBeforeRounding = false,
): View {
  const scale = checkScale(context.node, single(context, scaleAt, 'output scale'))
  const zero = context.optionalConstant(scaleAt + 1, 'output zero point')
  const zeroPoint = zero === undefined ? 0 : uniform(context, zero, 'output zero point')
  const type = zero?.type ?? onnxTypes.uint8
  const range = allIntegerRanges.get(type)!
  const shift = zeroBeforeRounding ? zeroPoint : 0
  const quantizer: Quantizer = {
    kind: 'uniform',
    scale,
    shift,
    rounding: 'half-even',
    min: range[0] - zeroPoint + shift,
    max: range[1] - zeroPoint + shift,
    resultOffset: -shift,
  }
  return quantizeTo(context, view, type, { quantizerOf: () => quantizer, zeroPoint, scales: [scale] })
}

const qLinearConv: Translator = (context) => {
  const x = realOperand(context, 0)
  const weights = quantizedWeights(context, 3, 0)
  const bias = accumulatorBias(context, 8, single(context, 1, 'scale'), weights, 0)
  context.result(requantize(context, convolution(context, x, weights, bias, 'quantizes'), 6))
}

const qLinearMatMul: Translator = (context) => {
  context.attributes()
  const x = realOperand(context, 0)
  const weights = quantizedWeights(context, 3, -1)
  if (weights.shape.length !== 2) throw context.unsupported('its weights are no matrix', 'Use one matrix.')
  const made = product(context, x, transposedConstant(weights), undefined, 'quantizes')
  context.result(requantize(context, made, 6))
}

const qGemm: Translator = (context) => {
  const attributes = context.attributes('alpha', 'transA', 'transB')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : missing
  }
  if (number('alpha', 1) !== 1)
    throw context.unsupported('alpha is not 1', 'Fold the factor into the scales.')
  const outputsFirst = number('transB', 0) !== 0
  const axis = outputsFirst ? 0 : -1
  const x = realOperand(context, 0)
  const weights = quantizedWeights(context, 3, axis)
  const bias = accumulatorBias(context, 6, single(context, 1, 'scale'), weights, axis)
  const quantizes = context.has(7)
  const made = product(
    context,
    number('transA', 0) !== 0 ? transposed(x) : x,
    outputsFirst ? weights : transposedConstant(weights),
    bias,
    quantizes ? 'quantizes' : 'keeps-float',
  )
  context.result(quantizes ? requantize(context, made, 7) : made)
}

/** ONNX Runtime on x64 adds the output zero point before it rounds. */
const qLinearAdd: Translator = (context) => {
  context.attributes()
  const sum = addViews(context, realOperand(context, 0), realOperand(context, 3), 1)
  const { ofSum: _, ...plain } = sum
  context.result(requantize(context, plain, 6, true))
}

export const quantizedOperators: Readonly<Record<string, Translator>> = {
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
}

export const microsoftOperators: Readonly<Record<string, Translator>> = {
  QGemm: qGemm,
  QLinearAdd: qLinearAdd,
}
