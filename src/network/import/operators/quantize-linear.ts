import type { OnnxNode } from '../../onnx/onnx-model.ts'
import { onnxTypeName, onnxTypes } from '../../onnx/onnx-model.ts'
import { allIntegerRanges } from '../../onnx/onnx-tensor.ts'
import { rangeBound } from '../bounds.ts'
import type { Constant } from '../constant.ts'
import type { NodeImport } from '../importer.ts'
import { checkScale } from '../qonnx-quantizer.ts'
import { parameterIndices } from '../quantize-constant.ts'
import { quantizeView } from '../quantize-view.ts'
import type { Quantizer } from '../quantizer.ts'
import type { Translator } from '../translators.ts'
import { appendStepPerElement, appendSteps, type View } from '../view.ts'

const attributes = ['axis', 'block_size', 'saturate', 'output_dtype', 'precision'] as const

/** `saturate(round(x / scale) + zero point)`, rounding half to even. */
export const quantizeLinear: Translator = (context) => {
  const view = context.view(0)
  const { node } = context
  const precision = context.attributes(...attributes).get('precision')
  if (precision?.kind === 'int' && precision.value !== 0 && precision.value !== onnxTypes.float)
    throw context.unsupported(`it divides in ${onnxTypeName(precision.value)}`, 'Quantize in float32.')
  const type = context.resultType()
  const { scale, zero } = parameters(context)
  const quantizers = quantizersFor(context, node, type, scale, zero, view)
  context.result(quantizeTo(context, view, type, quantizers))
}

/** The quantizer and zero point of each element. */
export interface LinearQuantizers {
  readonly quantizerOf: (element: number) => Quantizer
  readonly zeroPoint: number
  readonly scales: readonly number[]
}

/** Emits a quantization to an integer tensor of ONNX and certifies it. */
export function quantizeTo(context: NodeImport, view: View, type: number, to: LinearQuantizers): View {
  if (view.ofSum && to.zeroPoint % 2 !== 0 && !context.importer.oracleIsNamed)
    throw context.inexact(
      `its zero point ${to.zeroPoint} is odd behind an elementwise Add, where ONNX Runtime's fused QLinearAdd rounds ties differently`,
      'Use an even zero point (0), or name the oracle qdq-float.',
    )
  const made = quantizeView(context, view, to.quantizerOf)
  context.certify({
    class: made.class,
    bound: rangeBound(context.builder.value(made.view.value)),
    reason: made.reason,
  })
  return {
    ...appendSteps({ ...made.view, type }, ...offset(to.zeroPoint)),
    quantization: { scales: to.scales, zeroPoint: to.zeroPoint },
  }
}

function offset(value: number): { kind: 'offset'; value: number }[] {
  return value === 0 ? [] : [{ kind: 'offset', value }]
}

function quantizersFor(
  context: NodeImport,
  node: OnnxNode,
  type: number,
  scale: Constant,
  zero: Constant | undefined,
  view: View,
): LinearQuantizers {
  const limits = allIntegerRanges.get(type)
  if (limits === undefined || type === onnxTypes.bool)
    throw context.unsupported(`it quantizes to ${onnxTypeName(type)}`, 'Quantize to integers.')
  const zeroPoint = commonZero(context, zero)
  const made = new Map<number, Quantizer>()
  const quantizer = (s: number): Quantizer => {
    let found = made.get(s)
    if (found === undefined) {
      found = {
        kind: 'uniform',
        scale: checkScale(node, s),
        shift: 0,
        rounding: 'half-even',
        min: limits[0] - zeroPoint,
        max: limits[1] - zeroPoint,
        resultOffset: 0,
      }
      made.set(s, found)
    }
    return found
  }
  const at = indicesOf(context, scale, view.shape)
  return { quantizerOf: (i) => quantizer(scale.values[at[i]!]!), zeroPoint, scales: uniqueScales(scale) }
}

/** Graph values are held less their zero point, which therefore is one for the whole tensor. */
function commonZero(context: NodeImport, zero: Constant | undefined): number {
  const first = zero?.values[0] ?? 0
  if (zero?.values.some((other) => other !== first))
    throw context.unsupported('the channels of its data have different zero points', 'Use zero point 0.')
  return first
}

function uniqueScales(scale: Constant): readonly number[] {
  return scale.values.every((s) => s === scale.values[0]) ? [scale.values[0]!] : [...scale.values]
}

/** `(q - zero point) * scale` */
export const dequantizeLinear: Translator = (context) => {
  const view = context.view(0)
  context.attributes(...attributes)
  if (context.resultType() !== onnxTypes.float)
    throw context.unsupported(`its result is ${onnxTypeName(context.resultType())}`, 'Dequantize to float32.')
  const { scale, zero } = parameters(context)
  const at = indicesOf(context, scale, view.shape)
  const { node } = context
  const floats = { ...view, type: onnxTypes.float }
  const stepsFor = (k: number) => [
    ...offset(-(zero?.values[k] ?? 0)),
    { kind: 'multiply', value: checkScale(node, scale.values[k]!) } as const,
  ]
  context.result(
    scale.values.length === 1
      ? appendSteps(floats, ...stepsFor(0))
      : appendStepPerElement(
          context.builder,
          floats,
          Array.from(at, (k) => stepsFor(k)),
        ),
  )
}

function parameters(context: NodeImport): { scale: Constant; zero: Constant | undefined } {
  const scale = context.constant(1, 'scale')
  if (scale.type !== onnxTypes.float)
    throw context.unsupported(`its scale is ${onnxTypeName(scale.type)}`, 'Store scales as float32.')
  return { scale, zero: context.optionalConstant(2, 'zero point') }
}

function indicesOf(context: NodeImport, scale: Constant, shape: readonly number[]): Int32Array {
  const indices = parameterIndices(context.node, scale, shape)
  if (indices === undefined)
    throw context.malformed(`${scale.values.length} scales do not fit [${shape.join(', ')}]`)
  return indices
}
