import { onnxTypes } from '../../onnx/onnx-model.ts'
import type { Translator } from '../translators.ts'
import { appendStepPerElement } from '../view.ts'

/** BatchNormalization for inference: an affine function of each channel, kept as it is written. */
const batchNormalization: Translator = (context) => {
  const attributes = context.attributes('epsilon', 'momentum', 'is_test', 'spatial', 'training_mode')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : missing
  }
  if (number('training_mode', 0) !== 0 || context.node.outputs.slice(1).some((name) => name !== ''))
    throw context.unsupported('it is in training mode', 'Export for inference.')
  if (number('spatial', 1) !== 1)
    throw context.unsupported('it has parameters by place', 'Export with spatial = 1.')
  const view = context.view(0)
  if (view.type !== onnxTypes.float) throw context.unsupported('its data are not float32', 'Use float32.')
  const [scale, bias, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((what, k) =>
    context.constant(k + 1, what),
  ) as [ReturnType<typeof context.constant>, ...ReturnType<typeof context.constant>[]]
  const channels = view.shape[1] ?? 1
  const epsilon = number('epsilon', Math.fround(1e-5))
  const inner = view.shape.slice(2).reduce((a, b) => a * b, 1)
  const steps = Array.from({ length: channels }, (_, c) => {
    const step = {
      kind: 'normalize' as const,
      scale: scale!.values[c]!,
      bias: bias!.values[c]!,
      mean: mean!.values[c]!,
      variance: variance!.values[c]!,
      epsilon,
    }
    const fits = Object.values(step).every((x) => typeof x !== 'number' || Number.isFinite(x))
    if (!fits || !(step.variance + epsilon > 2 ** -120))
      throw context.malformed(`channel ${c} has parameters ${JSON.stringify(step)}`)
    return [step]
  })
  const elements = view.shape.reduce((a, b) => a * b, 1)
  context.result(
    appendStepPerElement(
      context.builder,
      view,
      Array.from({ length: elements }, (_, i) => steps[Math.floor(i / inner) % channels]!),
    ),
  )
}

export const normalizations: Readonly<Record<string, Translator>> = {
  BatchNormalization: batchNormalization,
}
