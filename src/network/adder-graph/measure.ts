import { type AdderGraph, type AdderNode, defaultInput, type InputRange } from './adder-graph.ts'
import { linearForms } from './coefficients.ts'

/** The exact range of a value: inputs are independent, so its linear form says what is reached. */
export interface ValueRange {
  readonly min: number
  readonly max: number
  /** Low bits that are always 0. */
  readonly step: number
}

/** Range of every value, inputs first. */
export function valueRanges(graph: AdderGraph, inputs: readonly InputRange[] = []): ValueRange[] {
  const ranges = Array.from({ length: graph.inputs }, (_, i) => inputs[i] ?? defaultInput)
  return linearForms(graph).map((form) => {
    let min = 0
    let max = 0
    let step = Number.POSITIVE_INFINITY
    for (let i = 0; i < form.length; i++) {
      const factor = form[i]!
      const range = ranges[i]!
      if (factor === 0) continue
      min += factor * (factor > 0 ? range.min : range.max)
      max += factor * (factor > 0 ? range.max : range.min)
      if (range.min !== 0 || range.max !== 0) step = Math.min(step, trailingZeros(factor) + (range.step ?? 0))
    }
    return { min: min || 0, max: max || 0, step: Number.isFinite(step) ? step : 0 }
  })
}

/** Two's complement bits of a range; a range without negative numbers is unsigned. */
export function rangeBits({ min, max }: { readonly min: number; readonly max: number }): number {
  const magnitude = Math.max(max, -1 - min)
  return bitLength(magnitude) + (min < 0 ? 1 : 0)
}

/** Adders on the longest way from an input to an output; `arrival` is the depth at which each input comes. */
export function adderDepth(graph: AdderGraph, arrival: readonly number[] = []): number {
  const depths = Array.from({ length: graph.inputs }, (_, i) => arrival[i] ?? 0)
  for (const { a, b } of graph.nodes) depths.push(Math.max(depths[a]!, depths[b]!) + 1)
  return graph.outputs.reduce((most, { value, negate }) => {
    return value < 0 ? most : Math.max(most, depths[value]! + (negate ? 1 : 0))
  }, 0)
}

/** Bits of one carry chain: the result's bits without the low ones that are wires. */
export function nodeBits(node: AdderNode, ranges: readonly ValueRange[], result: ValueRange): number {
  return Math.max(0, rangeBits(result) - wireBits(node, ranges))
}

/** Low result bits that come from one operand unchanged, or are 0. */
export function wireBits(node: AdderNode, ranges: readonly ValueRange[]): number {
  const low = node.shiftA + ranges[node.a]!.step
  const lowB = node.shiftB + ranges[node.b]!.step
  // Below the start of a subtrahend the other operand passes; below the start of a minuend nothing does.
  if (low < lowB && node.subtract === 'a') return low
  if (lowB < low && node.subtract === 'b') return lowB
  return Math.max(low, lowB)
}

/** Bits of all carry chains. */
export function adderBits(graph: AdderGraph, inputs: readonly InputRange[] = []): number {
  const ranges = valueRanges(graph, inputs)
  let bits = graph.nodes.reduce(
    (sum, node, at) => sum + nodeBits(node, ranges, ranges[graph.inputs + at]!),
    0,
  )
  for (const { value, negate } of graph.outputs)
    if (negate && value >= 0) bits += rangeBits(ranges[value]!) - ranges[value]!.step + 1
  return bits
}

function trailingZeros(value: number): number {
  let zeros = 0
  for (let rest = Math.abs(value); rest % 2 === 0; rest /= 2) zeros++
  return zeros
}

function bitLength(value: number): number {
  if (value < 2 ** 31) return 32 - Math.clz32(value)
  let bits = 0
  for (let rest = value; rest >= 1; rest = Math.floor(rest / 2)) bits++
  return bits
}
