import { rangeBound } from '../bounds.ts'
import type { Chain } from '../chain.ts'
import { settleClips } from '../exact-forms.ts'
import { fusedAverage } from '../fused-groups.ts'
import type { NodeImport } from '../importer.ts'
import { dequantization } from '../matrix-product.ts'
import type { Translator } from '../translators.ts'
import { layOut, type View } from '../view.ts'
import { realOperand, requantize } from './quantized-operators.ts'

/**
 * `QLinearGlobalAveragePool` (com.microsoft): an int32 sum over the picture, multiplied in float32 by
 * `inputScale / float32(outputScale * size)`, rounded half to even.
 */
export const qLinearGlobalAveragePool: Translator = (context: NodeImport) => {
  const layout = context.attributes('channels_last').get('channels_last')
  if (layout?.kind === 'int' && layout.value !== 0)
    throw context.unsupported('its channels are last', 'Use NCHW order.')
  const summed = fusedPictureSum(context, realOperand(context, 0))
  if (summed === undefined)
    throw context.inexact('its data are not one quantized tensor', 'Quantize per tensor.')
  context.result(requantize(context, summed, 3))
}

/** The sum for a GlobalAveragePool that `fusedModel` makes a QLinearGlobalAveragePool; undefined for others. */
export function fusedGlobalAverage(context: NodeImport, x: View): View | undefined {
  const { importer, node } = context
  if (importer.oracle !== 'fused') return undefined
  const group = fusedAverage(importer.index, node, (name) => importer.constant(name))
  return typeof group === 'string' ? undefined : fusedPictureSum(context, x)
}

function fusedPictureSum(context: NodeImport, x: View): View | undefined {
  const [batch, channels = 1, ...spatial] = x.shape
  if (spatial.length > 2 || batch !== 1) return undefined
  const [height, width] = spatial.length === 1 ? [1, spatial[0]!] : [spatial[0] ?? 1, spatial[1] ?? 1]
  const laid = layOut(context.builder, settleClips(context, x), [channels, height, width])
  const parsed = laid?.chains.length === 1 ? dequantization(laid.chains[0]!) : undefined
  if (laid === undefined || parsed === undefined) return undefined
  const size = height * width
  const value = context.builder.add(context.name, {
    kind: 'pool',
    source: laid.value,
    mode: 'sum',
    window: { kernel: [height, width], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] },
  })
  context.certify({
    class: 'A',
    bound: rangeBound(context.builder.value(value)),
    reason: 'an exact int32 window sum; its scales are multiplied at the quantizer behind it',
  })
  const offset: Chain = parsed.offset === 0 ? [] : [{ kind: 'offset', value: parsed.offset * size }]
  const scales: Chain = context.importer.floats
    ? [{ kind: 'accumulator', quantized: true, inputScale: parsed.scale, weightScale: 1, divisor: size }]
    : [
        { kind: 'multiply', value: parsed.scale },
        { kind: 'divide', value: size },
      ]
  return { ...laid, value, shape: context.resultShape(), chains: [[...offset, ...scales]] }
}
