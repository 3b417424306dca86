import { broadcastIndices, type Constant } from './constant.ts'
import { fusedGroup } from './fused-groups.ts'
import type { NodeImport } from './importer.ts'
import { fusedBias } from './matrix-product.ts'
import { appendStepPerElement, chainAt, elementAt, innerSize, shrinkChains, type View } from './view.ts'

/**
 * A quantized bias added behind a MatMul whose sum is still an int32 accumulator: `fusedModel` makes one
 * QGemm of the two. Undefined for other views.
 */
export function addBiasToAccumulator(context: NodeImport, view: View, bias: Constant): View | undefined {
  const { importer, builder } = context
  if (view.chains.some((chain) => chain.length !== 1 || chain[0]!.kind !== 'accumulator')) return undefined
  const matrix = context.node.inputs
    .map((name) => importer.index.producer(name))
    .find((one) => one?.operator === 'MatMul')
  if (matrix === undefined) return undefined
  const group = fusedGroup(importer.index, matrix, (name) => importer.constant(name))
  if (typeof group === 'string' || group.add !== context.node) return undefined
  if (view.shape.length !== 2 || view.shape[0] !== 1)
    throw context.inexact('its bias does not fit a QGemm', 'Use Gemm with one bias for each output.')
  const at = broadcastIndices(bias.shape, view.shape)
  const inner = innerSize(builder, view)
  const accumulatorOf = (i: number) => chainAt(view, Math.floor(elementAt(view, i) / inner))[0]!
  const biased = appendStepPerElement(
    builder,
    { ...view, chains: [[]] },
    Array.from(at, (k, i) => {
      const accumulator = accumulatorOf(i)
      if (accumulator.kind !== 'accumulator') return []
      const steps = fusedBias(bias, k, Math.fround(accumulator.inputScale * accumulator.weightScale))
      if (typeof steps !== 'string') return [{ kind: 'offset', value: steps }, accumulator]
      throw context.inexact(steps, 'Quantize the bias to int32 with scale = input scale * weight scale.')
    }),
  )
  return { ...biased, chains: shrinkChains(biased.chains) }
}
