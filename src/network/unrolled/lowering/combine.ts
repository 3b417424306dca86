import { GemgateError } from '../../../core/errors.ts'
import type { InputRange } from '../../adder-graph/index.ts'
import type { Range } from '../../graph/integer-graph.ts'
import { exactly, powerOfTwoDivisor, scale } from '../../graph/ranges.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'
import type { AdderGraphs } from './graph-source.ts'
import type { KnownGraph } from './known-graph.ts'
import { addLinear, constantLinear, type Linear, scaleLinear } from './linear.ts'

/** One input of a constant matrix: an independent value, and its weight in every output. */
interface Row {
  readonly input: Linear
  readonly weights: Float64Array
}

/**
 * `out[j] = bias[j] + sum_i weights[j * inputs + i] * x[i]`: one adder graph, whose inputs are the distinct nodes
 * behind x; their signs, powers of two and offsets go into the matrix and the bias.
 */
export function combine(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  x: readonly Linear[],
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
): Linear[] {
  const outputs = bias.length
  const offsets = Float64Array.from(bias)
  const byNode = new Map<NodeId, Float64Array>()
  x.forEach(({ node, factor, offset }, i) => {
    for (let j = 0; j < outputs; j++) offsets[j]! += weights[j * x.length + i]! * offset
    if (node === undefined) return
    let row = byNode.get(node)
    if (row === undefined) byNode.set(node, (row = new Float64Array(outputs)))
    for (let j = 0; j < outputs; j++) row[j]! += weights[j * x.length + i]! * factor
  })
  const rows = [...byNode]
    .filter(([, row]) => row.some((weight) => weight !== 0))
    .map(([node, row]): Row => ({ input: { node, factor: 1, offset: 0 }, weights: row }))
  return linearMap(builder, graphs, rows, offsets)
}

/**
 * The same for one place of a window that slides: absent inputs (undefined) are 0, and the matrix depends on the
 * signs only, so that all places share one adder graph.
 * @param factors the factor of each row where its input is absent
 */
export function combineWindow(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  x: readonly (Linear | undefined)[],
  factors: readonly number[],
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
): Linear[] {
  const offsets = Float64Array.from(bias)
  const rows = x.map((value, i): Row => {
    const factor = value === undefined || value.node === undefined ? factors[i]! : value.factor
    const row = new Float64Array(offsets.length)
    for (let j = 0; j < row.length; j++) {
      const weight = weights[j * x.length + i]!
      row[j] = weight * factor
      if (value !== undefined) offsets[j]! += weight * value.offset
    }
    const input = value?.node === undefined ? constantLinear(0) : { ...value, factor: 1, offset: 0 }
    return { input, weights: row }
  })
  return linearMap(builder, graphs, rows, offsets)
}

function linearMap(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  rows: readonly Row[],
  offsets: Float64Array,
): Linear[] {
  const units = rows.map(({ weights }) => commonUnit(weights))
  const inputs = rows.map(({ input }, i) => scaleLinear(input, units[i]!))
  const { columns, places } = distinctColumns(
    Array.from(offsets, (_, j) => Float64Array.from(rows, ({ weights }, i) => weights[j]! / units[i]!)),
  )
  const values = new Int32Array(rows.length * columns.length)
  columns.forEach((column, j) => {
    column.forEach((weight, i) => {
      if (Math.abs(weight) > largestWeight) throw tooLarge(builder, weight)
      values[i * columns.length + j] = weight
    })
  })
  const ranges = inputs.map((input) => variableRange(builder, input))
  const sums =
    columns.length === 0
      ? []
      : instantiate(
          builder,
          graphs.of(
            { rows: rows.length, columns: columns.length, values },
            ranges.map(({ min, max, step }): InputRange => ({ min, max, step: Math.round(Math.log2(step)) })),
          ),
          inputs,
          ranges,
        )
  return places.map(({ column, factor }, j) => {
    const sum = column < 0 ? constantLinear(0) : scaleLinear(sums[column]!, factor)
    return { ...sum, offset: sum.offset + offsets[j]! }
  })
}

/** The largest power of two that divides all weights; 1 when all are 0. */
function commonUnit(weights: Float64Array): number {
  const unit = weights.reduce((least, weight) => Math.min(least, divisor(weight)), 2 ** 53)
  return unit === 2 ** 53 ? 1 : unit
}

/**
 * Columns that differ by more than a sign and a power of two, and which of them each one is: whether two sums are
 * one node then does not depend on the adder graph.
 */
function distinctColumns(all: readonly Float64Array[]): {
  readonly columns: readonly Float64Array[]
  readonly places: readonly { readonly column: number; readonly factor: number }[]
} {
  const columns: Float64Array[] = []
  const known = new Map<string, number>()
  const places = all.map((weights) => {
    const first = weights.find((weight) => weight !== 0)
    if (first === undefined) return { column: -1, factor: 0 }
    const factor = Math.sign(first) * commonUnit(weights)
    const column = weights.map((weight) => weight / factor + 0)
    const key = column.join(' ')
    const before = known.get(key)
    if (before !== undefined) return { column: before, factor }
    known.set(key, columns.length)
    columns.push(column)
    return { column: columns.length - 1, factor }
  })
  return { columns, places }
}

/** The graph on these inputs; absent ones drop their adders, and all ranges are exact. */
function instantiate(
  builder: NetlistBuilder,
  known: KnownGraph,
  inputs: readonly Linear[],
  ranges: readonly Range[],
): Linear[] {
  const { graph } = known
  const values = inputs.slice()
  const exact = known.ranges(ranges)
  graph.nodes.forEach(({ a, b, shiftA, shiftB, subtract }, at) => {
    const left = scaleLinear(values[a]!, (subtract === 'a' ? -1 : 1) * 2 ** shiftA)
    const right = scaleLinear(values[b]!, (subtract === 'b' ? -1 : 1) * 2 ** shiftB)
    values.push(addLinear(builder, left, right, exact[inputs.length + at]!))
  })
  return graph.outputs.map(({ value, shift, negate }) =>
    value < 0 ? constantLinear(0) : scaleLinear(values[value]!, (negate ? -1 : 1) * 2 ** shift),
  )
}

function variableRange(builder: NetlistBuilder, { node, factor }: Linear): Range {
  return node === undefined ? exactly(0) : scale(builder.range(node), factor)
}

/** The largest power of two that divides a weight; also for halves, which factors below 1 make. */
function divisor(weight: number): number {
  let unit = 1
  while (!Number.isInteger(weight / unit)) unit /= 2
  return unit < 1 ? unit : powerOfTwoDivisor(weight)
}

/** What the adder graph engine takes. */
const largestWeight = 2 ** 30

function tooLarge(builder: NetlistBuilder, weight: number): GemgateError {
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `'${builder.label}' multiplies by ${weight}, beyond 2^30`,
    'Use narrower weights or factors.',
  )
}
