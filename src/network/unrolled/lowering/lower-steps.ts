import { digitCount } from '../../adder-graph/digits.ts'
import {
  adderLuts,
  clampLuts,
  compareLuts,
  constantAdderLuts,
  constantCompareLuts,
  constantSelectLuts,
  tableLuts,
} from '../lut-model.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { signalFormat, valueCount } from '../netlist/range-bits.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'
import { combine } from './combine.ts'
import { fitLine } from './fit-line.ts'
import type { AdderGraphs } from './graph-source.ts'
import {
  addLinear,
  constantLinear,
  type Linear,
  linearNode,
  nodeOf,
  offsetLinear,
  scaleLinear,
} from './linear.ts'
import { maximumTable, tableOver } from './lower-table.ts'
import { clampLinear, floorLinear } from './rounding.ts'
import type { Steps } from './steps.ts'

/** One way to build a function, with its estimated size. */
export interface Plan {
  readonly luts: number
  readonly build: () => Linear
}

/** The smallest of: table, comparators, binary search, line (multiply, add, shift, clamp). */
export function cheapestSteps(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  node: NodeId,
  steps: Steps,
): Plan {
  if (steps.thresholds.length === 0) return { luts: 0, build: () => constantLinear(steps.outputs[0]!) }
  const plans = [
    tablePlan(builder, node, steps),
    comparatorPlan(builder, node, steps),
    searchPlan(builder, node, steps),
    linePlan(builder, graphs, node, steps),
  ]
  return plans
    .filter((plan) => plan !== undefined)
    .reduce((best, plan) => (plan.luts < best.luts ? plan : best))
}

function tablePlan(builder: NetlistBuilder, node: NodeId, steps: Steps): Plan | undefined {
  const range = builder.range(node)
  const count = valueCount(range)
  if (count > maximumTable) return undefined
  return {
    luts: tableLuts(count, outputBits(steps)),
    build: () => tableOver(builder, node, (argument) => stepsAt(steps, argument)),
  }
}

/** Value of a step function. */
export function stepsAt({ thresholds, outputs }: Steps, argument: number): number {
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (thresholds[middle]! <= argument) low = middle + 1
    else high = middle
  }
  return outputs[low]!
}

/** Every threshold its comparator; a tree of selections picks the output. */
function comparatorPlan(builder: NetlistBuilder, node: NodeId, steps: Steps): Plan {
  const { bits } = signalFormat(builder.range(node))
  const { thresholds, outputs } = steps
  const pick = (from: number, to: number): NodeId => {
    if (from === to) return builder.constant(outputs[from]!)
    const middle = (from + to + 1) >>> 1
    const [yes, no] = [pick(from, middle - 1), pick(middle, to)]
    const condition = builder.add({ kind: 'at-most', a: node, threshold: thresholds[middle - 1]! - 1 })
    return builder.add({ kind: 'select', condition, yes, no })
  }
  return {
    luts: thresholds.length * (constantCompareLuts(bits) + constantSelectLuts(outputBits(steps))),
    build: () => linearNode(builder, pick(0, thresholds.length)),
  }
}

/** One comparator per bit of the number of thresholds reached, each against a threshold that the bits so far choose. */
function searchPlan(builder: NetlistBuilder, node: NodeId, steps: Steps): Plan | undefined {
  const { thresholds, outputs } = steps
  const depth = Math.ceil(Math.log2(outputs.length))
  const range = builder.range(node)
  const { bits } = signalFormat(range)
  if (depth < 3) return undefined
  const never = range.max + range.step
  const build = (): Linear => {
    let reached: Linear = constantLinear(0)
    for (let level = depth - 1; level >= 0; level--) {
      const at = (index: number): number => thresholds[index * 2 ** (level + 1) + 2 ** level - 1] ?? never
      const threshold = choose(builder, reached, at)
      const bit = linearNode(builder, reaches(builder, node, threshold))
      reached = addLinear(builder, scaleLinear(reached, 2), bit)
    }
    const last = outputs.at(-1)!
    return choose(builder, reached, (index) => outputs[index] ?? last)
  }
  const straight = isStraight(steps)
  let luts = straight ? 0 : tableLuts(outputs.length, outputBits(steps))
  for (let level = 0; level < depth; level++)
    luts += level === 0 ? constantCompareLuts(bits) : compareLuts(bits) + tableLuts(2 ** level, bits)
  return { luts, build }
}

/** Multiply, add, shift and clamp, where they hit every threshold. */
function linePlan(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  node: NodeId,
  steps: Steps,
): Plan | undefined {
  const line = fitLine(steps, builder.range(node).step)
  if (line === undefined) return undefined
  const { multiply, add, shift, first, unit } = line
  const range = builder.range(node)
  const { bits } = signalFormat(range)
  const width = bits + Math.log2(Math.abs(multiply))
  return {
    luts:
      adderLuts((digitCount(multiply) - 1) * ((bits + width) / 2)) +
      constantAdderLuts(add === 0 ? 0 : width) +
      clampLuts(width - shift + 1, outputBits(steps)),
    build: () => {
      const x = { node, factor: 1, offset: 0 }
      const product = offsetLinear(combine(builder, graphs, [x], [multiply], [0])[0]!, add)
      const index = floorLinear(builder, product, shift)
      const clamped = clampLinear(builder, index, 0, steps.thresholds.length)
      return offsetLinear(scaleLinear(clamped, unit), first)
    },
  }
}

function choose(builder: NetlistBuilder, index: Linear, at: (index: number) => number): Linear {
  return index.node === undefined
    ? constantLinear(at(index.offset))
    : tableOver(builder, index.node, (argument) => at(argument * index.factor + index.offset))
}

/** `node >= threshold` as 0 or 1. */
function reaches(builder: NetlistBuilder, node: NodeId, threshold: Linear): NodeId {
  if (threshold.node !== undefined)
    return builder.add({ kind: 'greater', a: node, b: nodeOf(builder, threshold), orEqual: true })
  const condition = builder.add({ kind: 'at-most', a: node, threshold: threshold.offset - 1 })
  return builder.add({ kind: 'select', condition, yes: builder.constant(0), no: builder.constant(1) })
}

/** Whether the outputs are a line: then the number of steps needs no table to become one. */
function isStraight({ outputs }: Steps): boolean {
  const unit = outputs[1]! - outputs[0]!
  return (
    Number.isInteger(Math.log2(Math.abs(unit))) &&
    outputs.every((output, k) => output === outputs[0]! + k * unit)
  )
}

function outputBits({ outputs }: Steps): number {
  const min = outputs.reduce((least, x) => Math.min(least, x), 0)
  const max = outputs.reduce((most, x) => Math.max(most, x), 0)
  return signalFormat({ min, max, step: 1 }).bits
}
