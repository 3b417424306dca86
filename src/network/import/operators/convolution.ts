import { onnxTypes } from '../../onnx/onnx-model.ts'
import type { Constant } from '../constant.ts'
import { settleClips, tryForms } from '../exact-forms.ts'
import type { NodeImport } from '../importer.ts'
import { dequantization, integerProduct, type ProductLayout } from '../matrix-product.ts'
import type { Translator } from '../translators.ts'
import { appendSteps, channelsOf, layOut, shrinkChains, type View } from '../view.ts'
import { certifyProduct } from './matrix.ts'
import { spatialWindow } from './window.ts'

const attributes = ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'] as const

const conv: Translator = (context) => {
  context.result(
    convolution(
      context,
      context.view(0),
      context.constant(1, 'weights'),
      context.optionalConstant(2, 'bias'),
    ),
  )
}

/** Emits a convolution over one or two spatial axes. */
export function convolution(
  context: NodeImport,
  x: View,
  weights: Constant,
  bias: Constant | undefined,
  quantizedOperator?: ProductLayout['quantizedOperator'],
): View {
  const { builder } = context
  const group = context.attributes(...attributes).get('group')
  const groups = group?.kind === 'int' ? group.value : 1
  const spatial = spatialWindow(context, x.shape, weights.shape.slice(2))
  const laid = layOut(builder, settleClips(context, x), spatial.from)
  if (laid === undefined)
    throw context.inexact('places of one channel of its data have different scales', 'Quantize per tensor.')
  const { window, from, to } = spatial
  const padded = window.pads.some((pad) => pad > 0)
  const source = padded ? centred(context, laid) : laid
  const outputs = to[0]
  const perGroup = from[0] / groups
  const area = window.kernel[0] * window.kernel[1]
  const size = perGroup * area
  if (!Number.isInteger(perGroup) || size === 0 || outputs % groups !== 0)
    throw context.malformed(`${from[0]} channels and ${outputs} outputs in ${groups} groups`)
  const made = integerProduct(context, source, weights, bias, {
    outputs,
    weightsOf: (j) => Int32Array.from({ length: size }, (_, k) => j * size + k),
    channelOf: (j, k) => Math.floor((j * groups) / outputs) * perGroup + Math.floor(k / area),
    padded,
    quantizedOperator,
  })
  const value = builder.add(context.name, {
    kind: 'conv',
    source: made.view.value,
    weights: made.weights,
    bias: made.bias,
    groups,
    window,
  })
  certifyProduct(context, made)
  return {
    kind: 'view',
    type: context.resultType(),
    shape: context.resultShape(),
    value,
    chains: shrinkChains(made.chains),
  }
}

/** Takes a zero point into the integers, so that 0 stands for 0 and padding is right. */
export function centred(context: NodeImport, view: View): View {
  const parsed = channelsOf(context.builder, view).map(({ chain }) => dequantization(chain))
  const found = parsed.every((one) => one !== undefined) ? view : tryForms(context, view)
  if (typeof found === 'string') return view
  const forms =
    'forms' in found
      ? found.forms.map((form) => ({ offset: form.offset, chains: undefined }))
      : parsed.map((one) => ({ offset: one!.offset }))
  const source = 'forms' in found ? found.view : view
  if (forms.every(({ offset }) => offset === 0)) return source
  const value = context.builder.add(context.name, {
    kind: 'map',
    source: source.value,
    functions: forms.map(({ offset }) => ({ kind: 'affine', multiply: 1, add: offset })),
  })
  const chains = forms.map(({ offset }, c) => [
    { kind: 'offset', value: -offset } as const,
    ...source.chains[source.chains.length === 1 ? 0 : c]!,
  ])
  return { ...source, value, chains: shrinkChains(chains) }
}

const convInteger: Translator = (context) => {
  const zeroX = context.optionalConstant(2, 'zero point')?.values ?? [0]
  const zeroW = context.optionalConstant(3, 'zero point')?.values ?? [0]
  const weights = context.constant(1, 'weights')
  const perOutput = weights.values.length / weights.shape[0]!
  const values = weights.values.map((w, i) => w - zeroW[zeroW.length === 1 ? 0 : Math.floor(i / perOutput)]!)
  const x = appendSteps(context.view(0), { kind: 'offset', value: -zeroX[0]! })
  const made = convolution(context, x, { ...weights, values }, undefined, 'makes-integers')
  context.result({ ...made, type: onnxTypes.int32 })
}

export const convolutions: Readonly<Record<string, Translator>> = { Conv: conv, ConvInteger: convInteger }
