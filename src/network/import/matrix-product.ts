import type { Range } from '../graph/integer-graph.ts'
import { magnitude } from './bounds.ts'
import type { CertificateClass } from './certificate.ts'
import type { Chain } from './chain.ts'
import type { Constant } from './constant.ts'
import { tryForms } from './exact-forms.ts'
import { exactLimit } from './float-exact.ts'
import { fusedGroup } from './fused-groups.ts'
import type { NodeImport } from './importer.ts'
import { chainOf, type LinearForm, onGrid, sameMantissas } from './linear-form.ts'
import { channelsOf, type View } from './view.ts'
import { type WeightRow, weightRow } from './weights.ts'

export const quantizeWeights: string =
  'Quantize the weights (integers behind a DequantizeLinear or Quant), for example with `gemgate network quantize`.'

/** What a sum of products reads: for each weight of each output its element and the channel of its input. */
export interface ProductLayout {
  readonly outputs: number
  /** Element numbers of the weights of an output, in the order of the graph operation. */
  readonly weightsOf: (output: number) => Int32Array
  /** Axis-0 index of the input that weight `k` of an output is multiplied by. */
  readonly channelOf: (output: number, k: number) => number
  /** Set for operators that are quantized as they stand in the file: what their result is. */
  readonly quantizedOperator?: 'quantizes' | 'keeps-float' | 'makes-integers' | undefined
  /** Weights that padding can leave out; they need inputs without offset. */
  readonly padded: boolean
}

/** A matrix or convolution in integers. */
export interface IntegerProduct {
  readonly view: View
  readonly weights: Int32Array
  readonly bias: Float64Array
  /** By output: how the accumulator becomes the real number. */
  readonly chains: readonly Chain[]
  readonly class: CertificateClass
  readonly bound: number
  readonly reason: string
}

/**
 * `sum_i w[j][i] x[i] + b[j]` as integers times a scale for each output.
 * @throws GemgateError GG_MODEL_INEXACT when the oracle's sums are not exact
 */
export function integerProduct(
  context: NodeImport,
  x: View,
  weights: Constant,
  bias: Constant | undefined,
  layout: ProductLayout,
): IntegerProduct {
  const rows = Array.from({ length: layout.outputs }, (_, j) => {
    const row = weightRow(weights, layout.weightsOf(j))
    if (typeof row !== 'string') return row
    throw context.inexact(row, quantizeWeights)
  })
  const { quantizedOperator } = layout
  if (quantizedOperator !== undefined && quantizedOperator !== 'makes-integers' && context.importer.floats) {
    const quantized = quantizedOperator === 'quantizes'
    const made = accumulators(context, x, rows, bias, layout, quantized)
    if (typeof made !== 'string') return made
    throw context.inexact(made, 'Quantize the network again.')
  }
  const fused = context.importer.oracle === 'fused' ? fusedProduct(context, x, rows, bias, layout) : undefined
  if (fused !== undefined && typeof fused !== 'string') return fused
  const exact = exactProduct(context, x, rows, bias, layout)
  if (typeof exact !== 'string') return exact
  throw context.inexact(
    fused ?? exact,
    context.importer.oracle === 'qonnx'
      ? 'Quantize both operands on grids whose scales are the same up to powers of two.'
      : 'Snap the scales to powers of two with `gemgate network quantize`, or name another oracle.',
  )
}

function exactProduct(
  context: NodeImport,
  given: View,
  rows: readonly WeightRow[],
  bias: Constant | undefined,
  layout: ProductLayout,
): IntegerProduct | string {
  const integers = layout.quantizedOperator === 'makes-integers'
  const floats = context.importer.floats && !integers
  const found = tryForms(context, given)
  if (typeof found === 'string') return `its data are not on an integer grid: ${found}`
  const { view, forms } = found
  const base = forms[0]!
  if (forms.some((form) => !sameMantissas(form, base)))
    return 'the channels of its data have scales that are no powers of two of each other'
  const exponent = forms.reduce((lowest, form) => Math.min(lowest, form.exponent), base.exponent)
  const factors = forms.map((form) => form.sign * 2 ** (form.exponent - exponent))
  const offsets = forms.map((form) => form.offset)
  if (rows.some((row) => floats && row.form.mantissas.length > 0))
    return 'the scale of its weights is not a power of two'
  const outputForm = (row: WeightRow): LinearForm => ({
    offset: 0,
    sign: row.form.sign,
    exponent: exponent + row.form.exponent,
    mantissas: [...base.mantissas, ...row.form.mantissas].sort((a, b) => a - b),
  })
  const outputForms = rows.map(outputForm)
  if (bias?.quantized?.integers.some((b) => Math.abs(b) >= 2 ** 29)) return 'its bias reaches 2^29 steps'
  const biases = outputForms.map((form, j) => biasSteps(form, bias, j))
  if (floats && biases.some((steps) => steps === undefined))
    return 'its bias is not a multiple of input scale times weight scale'
  const made = sums(context, view, rows, {
    factors,
    offsets,
    layout,
    biases: biases.map((steps) => steps ?? 0),
  })
  if (typeof made === 'string') return made
  if (integers && made.bound >= 2 ** 31) return `its accumulator can reach ${made.bound}, beyond int32`
  const exponents = outputForms.map((form) => Math.abs(form.exponent))
  const isFloatExact =
    made.bound < exactLimit &&
    outputForms.every((form) => form.mantissas.length === 0) &&
    biases.every((steps) => steps !== undefined) &&
    Math.max(...exponents) <= 100
  if (floats && !isFloatExact)
    return made.bound < exactLimit
      ? 'its scales are too far from 1'
      : `its accumulator can reach ${made.bound}, beyond the 2^24 that float32 holds exactly`
  return {
    ...made,
    view,
    chains: outputForms.map((form, j) =>
      biases[j] === undefined
        ? [...chainOf(form), { kind: 'add', value: realBias(bias!, j) }]
        : chainOf(form),
    ),
    class: isFloatExact || integers ? 'A' : 'B',
    reason: integers
      ? 'an exact int32 sum'
      : isFloatExact
        ? 'scales are powers of two and every partial sum is below 2^24 steps: float32 sums are exact in any order'
        : 'an exact integer sum; the scales are multiplied in exact arithmetic',
  }
}

/** The bias in steps of the accumulator, if it lies on its grid. */
function biasSteps(form: LinearForm, bias: Constant | undefined, j: number): number | undefined {
  if (bias === undefined) return 0
  const at = bias.values.length === 1 ? 0 : j
  const { quantized } = bias
  if (quantized === undefined) return onGrid(form, bias.values[at]!)
  const integer = quantized.integers[at]!
  if (integer === 0) return 0
  // float32 holds such an integer only below 2^24, and a double its product with a float32 only below 2^29.
  if (Math.abs(integer) >= exactLimit) return undefined
  const scale = onGrid(form, quantized.scales[at]!)
  return scale === undefined ? onGrid(form, quantized.scales[at]! * integer) : scale * integer
}

function realBias(bias: Constant, j: number): number {
  const at = bias.values.length === 1 ? 0 : j
  const { quantized } = bias
  return quantized === undefined ? bias.values[at]! : quantized.integers[at]! * quantized.scales[at]!
}

interface SumParts {
  readonly factors: readonly number[]
  readonly offsets: readonly number[]
  readonly layout: ProductLayout
  readonly biases: readonly number[]
}

/** Integer weights and biases with factors and offsets of the inputs folded in, and the largest sum. */
function sums(
  context: NodeImport,
  view: View,
  rows: readonly WeightRow[],
  { factors, offsets, layout, biases }: SumParts,
): { weights: Int32Array; bias: Float64Array; bound: number } | string {
  const ranges = channelsOf(context.builder, view).map(({ range }) => range)
  const of = <T>(list: readonly T[], channel: number): T => list[list.length === 1 ? 0 : channel]!
  if (layout.padded && offsets.some((offset) => offset !== 0))
    return 'its padded data have a zero point that is not in the integers'
  const size = rows[0]?.integers.length ?? 0
  const weights = new Int32Array(rows.length * size)
  const bias = new Float64Array(rows.length)
  let bound = 0
  for (const [j, row] of rows.entries()) {
    let sum = Math.abs(biases[j]!)
    let addend = biases[j]!
    for (let k = 0; k < size; k++) {
      const channel = layout.channelOf(j, k)
      const weight = row.integers[k]! * of(factors, channel)
      if (!(Math.abs(weight) < 2 ** 31)) return `a weight is ${weight} in steps of the finest input`
      weights[j * size + k] = weight
      addend += weight * of(offsets, channel)
      sum += Math.abs(weight) * magnitude(of(ranges, channel) as Range, of(offsets, channel))
    }
    if (!(sum < 2 ** 52)) return `its accumulator can reach ${sum}`
    bias[j] = addend + 0
    bound = Math.max(bound, sum)
  }
  return { weights, bias, bound }
}

/** The integers of a group that `fusedModel` makes one operator of. */
function fusedProduct(
  context: NodeImport,
  x: View,
  rows: readonly WeightRow[],
  bias: Constant | undefined,
  layout: ProductLayout,
): IntegerProduct | string {
  const group = fusedGroup(context.importer.index, context.node, (name) => context.importer.constant(name))
  if (typeof group === 'string') return group
  const made = accumulators(context, x, rows, bias, layout, group.quantizer !== undefined)
  if (typeof made !== 'string') return made
  throw context.inexact(made, 'Quantize the network again.')
}

/**
 * The int32 accumulators of QLinearConv, QLinearMatMul or QGemm.
 * @param quantized whether the operator quantizes its result
 */
function accumulators(
  context: NodeImport,
  x: View,
  rows: readonly WeightRow[],
  bias: Constant | undefined,
  layout: ProductLayout,
  quantized: boolean,
): IntegerProduct | string {
  const channels = channelsOf(context.builder, x)
  const parsed = channels.map(({ chain }) => dequantization(chain))
  const first = parsed[0]
  if (first === undefined || parsed.some((one) => one === undefined || one.scale !== first.scale))
    return 'its data do not come from one DequantizeLinear with one scale'
  const scales: number[] = []
  for (const row of rows) {
    if (row.scale === undefined) return 'weights of one output have several scales'
    scales.push(row.scale)
  }
  const biases: number[] = []
  for (const [j, scale] of scales.entries()) {
    const steps = fusedBias(bias, j, Math.fround(first.scale * scale))
    if (typeof steps === 'string') return steps
    biases.push(steps)
  }
  const offsets = parsed.map((one) => one!.offset)
  const made = sums(context, x, rows, { factors: [1], offsets, layout, biases })
  if (typeof made === 'string') return made
  if (made.bound >= 2 ** 31) return `its accumulator can reach ${made.bound}, beyond int32`
  return {
    ...made,
    view: x,
    chains: scales.map((weightScale) => [
      { kind: 'accumulator', quantized, inputScale: first.scale, weightScale },
    ]),
    class: 'A',
    reason: 'an exact int32 sum; its scales are multiplied at the quantizer behind it',
  }
}

/** `(q + offset) * scale` as one DequantizeLinear makes it. */
export function dequantization(chain: Chain): { offset: number; scale: number } | undefined {
  let offset = 0
  for (const [k, step] of chain.entries()) {
    if (step.kind === 'offset') offset += step.value
    else if (step.kind === 'multiply' && k === chain.length - 1) return { offset, scale: step.value }
    else return undefined
  }
  return undefined
}

/** The integers of a bias whose scale is bit for bit that of the accumulator. */
export function fusedBias(bias: Constant | undefined, j: number, scale: number): number | string {
  if (bias === undefined) return 0
  const at = bias.values.length === 1 ? 0 : j
  const { quantized } = bias
  if (quantized === undefined) {
    if (bias.values[at] === 0) return 0
    return 'its bias is not quantized'
  }
  if (quantized.scales[at] !== scale && quantized.integers[at] !== 0)
    return `its bias has scale ${quantized.scales[at]}, not input scale times weight scale = ${scale} in float32`
  return quantized.integers[at]!
}
