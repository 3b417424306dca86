import { rangeBound } from '../bounds.ts'
import { allPairs } from '../close-pairs.ts'
import type { NodeImport } from '../importer.ts'
import { type LinearForm, linearForm, scaleNumber } from '../linear-form.ts'
import { channelsOf, type View } from '../view.ts'

/** Bits behind the point of the factors: enough to keep different sums apart, few enough for 32 bits. */
const fractionBits = 20

/**
 * `a + b` of operands with arbitrary scales under a float oracle, as `factorA * a + factorB * b` with integer
 * factors in the ratio of the scales. What follows is checked for every pair of operands when it is
 * quantized. Undefined when there are too many pairs or the operands are no plain quantized tensors.
 */
export function addByFactors(context: NodeImport, a: View, b: View): View | undefined {
  if (!context.importer.floats) return undefined
  const [x, y] = [single(context, a), single(context, b)]
  if (x === undefined || y === undefined) return undefined
  const unit = outputScale(context) ?? Math.max(x.scale, y.scale)
  const factor = (scale: number): number => Math.round((scale / unit) * 2 ** fractionBits)
  const [factorA, factorB] = [factor(x.scale), factor(y.scale)]
  if (!(Math.min(factorA, factorB) >= 1 && Math.max(factorA, factorB) < 2 ** 28)) return undefined
  const sums = allPairs({ ...x, factor: factorA }, { ...y, factor: factorB })
  if (sums === undefined) return undefined
  const value = context.builder.add(context.name, {
    kind: 'sum',
    terms: [
      { source: a.value, factor: factorA },
      { source: b.value, factor: factorB },
    ],
  })
  context.certify({
    class: 'C',
    bound: rangeBound(context.builder.value(value)),
    reason: `factors ${factorA} and ${factorB} in the ratio of the scales; the quantizer behind it is checked for every pair of operands`,
  })
  return { ...a, value, chains: [[{ kind: 'pair-sum', sums }]], ofSum: true }
}

/** An operand with one chain, linear and rising, and one range. */
function single(context: NodeImport, view: View) {
  const channels = channelsOf(context.builder, view)
  const [first] = channels
  if (view.chains.length !== 1 || first === undefined) return undefined
  if (first.chain.some((step) => step.kind === 'accumulator')) return undefined
  const form: LinearForm | undefined = linearForm(first.chain)
  if (form === undefined || form.sign < 0) return undefined
  const grid = channels.reduce(
    (all, { range }) => ({
      min: Math.min(all.min, range.min),
      max: Math.max(all.max, range.max),
      step: Math.min(all.step, range.step),
    }),
    first.range,
  )
  return { chain: first.chain, grid, scale: scaleNumber(form) }
}

/** The scale of the quantizer that reads the sum, behind functions that keep its scale. */
function outputScale(context: NodeImport): number | undefined {
  const { index } = context.importer
  let value = context.node.outputs[0] ?? ''
  for (;;) {
    const [next] = index.consumers(value)
    if (next === undefined) return undefined
    if (next.operator === 'QuantizeLinear') return context.importer.constant(next.inputs[1] ?? '')?.values[0]
    if (!['Relu', 'Clip', 'MaxPool', 'Reshape', 'Flatten', 'Transpose'].includes(next.operator))
      return undefined
    value = next.outputs[0] ?? ''
  }
}
