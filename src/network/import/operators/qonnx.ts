import { qonnxRange } from '../../reference/operators/qonnx.ts'
import { rangeBound } from '../bounds.ts'
import { broadcastIndices, type Constant } from '../constant.ts'
import { exactForms } from '../exact-forms.ts'
import type { NodeImport } from '../importer.ts'
import { type LinearForm, splitFactor } from '../linear-form.ts'
import { checkScale, flag, qonnxQuantizer, qonnxRounding } from '../qonnx-quantizer.ts'
import { quantizeView } from '../quantize-view.ts'
import type { Quantizer } from '../quantizer.ts'
import type { Translator } from '../translators.ts'
import { appendStepPerElement, appendSteps, type View } from '../view.ts'

function requireExact(context: NodeImport): void {
  if (context.importer.floats)
    throw context.unsupported(
      `oracle '${context.importer.oracle}' does not define it`,
      "QONNX operators need the oracle 'qonnx'.",
    )
}

/** `scale * (round(clip(x / scale + zero point)) - zero point)` */
const quant: Translator = (context) => {
  requireExact(context)
  context.attributes('signed', 'narrow', 'rounding_mode')
  const view = context.view(0)
  const scale = context.constant(1, 'scale')
  const inputs = [
    undefined,
    scale,
    context.optionalConstant(2, 'zero point'),
    context.optionalConstant(3, 'width'),
  ]
  const quantizerOf = qonnxQuantizer(context.node, inputs, view.shape)
  context.result(scaled(context, quantizeCertified(context, view, quantizerOf), scale))
}

const bipolarQuant: Translator = (context) => {
  requireExact(context)
  context.attributes()
  const view = context.view(0)
  const scale = context.constant(1, 'scale')
  const quantizerOf = qonnxQuantizer(context.node, [undefined, scale], view.shape)
  context.result(scaled(context, quantizeCertified(context, view, quantizerOf), scale))
}

/** The number of thresholds of its channel that an element reaches, times `out_scale`, plus `out_bias`. */
const multiThreshold: Translator = (context) => {
  requireExact(context)
  const attributes = context.attributes('out_scale', 'out_bias', 'out_dtype', 'data_layout')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : missing
  }
  const view = context.view(0)
  const thresholds = context.constant(1, 'threshold matrix')
  const [rows = 0, count = 0] = thresholds.shape
  const scale = number('out_scale', 1)
  const bias = number('out_bias', 0)
  const whole = Number.isInteger(scale) && Number.isInteger(bias)
  const outputs = Array.from({ length: count + 1 }, (_, k) => (whole ? k * scale + bias : k))
  const quantizers = Array.from({ length: rows }, (_, row): Quantizer => {
    const own = Array.from(thresholds.values.subarray(row * count, (row + 1) * count)).sort((a, b) => a - b)
    return { kind: 'steps', thresholds: own, outputs }
  })
  const layout = attributes.get('data_layout')
  const last = layout?.kind === 'string' && layout.value.endsWith('C')
  const axis = last ? view.shape.length - 1 : Math.min(1, view.shape.length - 1)
  const inner = view.shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const channels = view.shape[axis] ?? 1
  const made = quantizeCertified(
    context,
    view,
    (i) => quantizers[rows === 1 ? 0 : Math.floor(i / inner) % channels]!,
  )
  context.result(
    whole ? made : appendSteps(made, { kind: 'multiply', value: scale }, { kind: 'add', value: bias }),
  )
}

/**
 * Drops low bits of integers: `round(x / (scale * 2^k))`. Five inputs (version 1) drop input width less output
 * width bits and keep the scale, seven (version 2) go from one scale to another and clip.
 */
const trunc: Translator = (context) => {
  requireExact(context)
  context.attributes('signed', 'narrow', 'rounding_mode')
  const number = (at: number, what: string): number => {
    const { values } = context.constant(at, what)
    if (values.length === 1) return values[0]!
    throw context.unsupported(`its ${what} differs by channel`, 'Truncate per tensor.')
  }
  const scale = checkScale(context.node, number(1, 'scale'))
  const clips = context.node.inputs.length >= 7
  const outputScale = clips ? checkScale(context.node, number(4, 'output scale')) : scale
  const width = number(clips ? 6 : 4, 'output width')
  const dropped = clips ? Math.log2(outputScale / scale) : number(3, 'input width') - width
  const given = exactForms(context, context.view(0))
  const onScale = given.forms.every((form) => onGridOf(form, scale))
  if (number(2, 'zero point') !== 0 || !Number.isInteger(dropped) || Math.abs(dropped) > 32 || !onScale)
    throw context.inexact(
      `it drops ${dropped} bits with zero point ${number(2, 'zero point')}`,
      'Truncate integers of its own scale, with zero point 0, by a power of two.',
    )
  const [min, max] = clips
    ? qonnxRange(width, flag(context.node, 'signed', true), flag(context.node, 'narrow', false))
    : [-(2 ** 40), 2 ** 40]
  const quantizer: Quantizer = {
    kind: 'uniform',
    scale: scale * 2 ** dropped,
    shift: 0,
    rounding: qonnxRounding(context.node, 'FLOOR'),
    min,
    max,
    resultOffset: 0,
  }
  const made = quantizeCertified(context, given.view, () => quantizer)
  context.result(appendSteps(made, { kind: 'multiply', value: outputScale }))
}

/** Whether every number of a grid is an integer times the scale. */
function onGridOf(form: LinearForm, scale: number): boolean {
  const { mantissa, exponent } = splitFactor(scale)
  const [own = 1, ...others] = form.mantissas
  return others.length === 0 && own === mantissa && form.exponent >= exponent
}

function quantizeCertified(
  context: NodeImport,
  view: View,
  quantizerOf: (element: number) => Quantizer,
): View {
  const made = quantizeView(context, view, quantizerOf)
  context.certify({
    class: made.class,
    bound: rangeBound(context.builder.value(made.view.value)),
    reason: made.reason,
  })
  return made.view
}

function scaled(context: NodeImport, view: View, scale: Constant): View {
  if (scale.values.length === 1)
    return appendSteps(view, { kind: 'multiply', value: checkScale(context.node, scale.values[0]!) })
  const at = broadcastIndices(scale.shape, view.shape)
  return appendStepPerElement(
    context.builder,
    view,
    Array.from(at, (k) => [{ kind: 'multiply', value: scale.values[k]! }]),
  )
}

export const qonnxTranslators: Readonly<Record<string, Translator>> = {
  Quant: quant,
  IntQuant: quant,
  BipolarQuant: bipolarQuant,
  MultiThreshold: multiThreshold,
  Trunc: trunc,
}
