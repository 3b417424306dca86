import { rangeBound } from '../bounds.ts'
import { broadcastIndices, type Constant } from '../constant.ts'
import type { NodeImport } from '../importer.ts'
import { qonnxQuantizer } from '../qonnx-quantizer.ts'
import { quantizeView } from '../quantize-view.ts'
import type { Quantizer } from '../quantizer.ts'
import { checkScale } from '../qonnx-quantizer.ts'
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
  const quantizerOf = qonnxQuantizer(context.importer, context.node, inputs, view.shape)
  context.result(scaled(context, quantizeCertified(context, view, quantizerOf), scale))
}

const bipolarQuant: Translator = (context) => {
  requireExact(context)
  context.attributes()
  const view = context.view(0)
  const scale = context.constant(1, 'scale')
  const quantizerOf = qonnxQuantizer(context.importer, context.node, [undefined, scale], view.shape)
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
  const made = quantizeCertified(context, view, (i) => quantizers[rows === 1 ? 0 : Math.floor(i / inner) % channels]!)
  context.result(
    whole ? made : appendSteps(made, { kind: 'multiply', value: scale }, { kind: 'add', value: bias }),
  )
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
}
