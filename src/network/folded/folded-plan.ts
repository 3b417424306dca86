import { GemgateError } from '../../core/errors.ts'
import { elementCount } from '../graph/integer-graph.ts'
import { hull, rangeBits } from '../graph/ranges.ts'
import type { GraphSegment, Resources, StreamFormat } from '../hardware/hardware-module.ts'
import { memoryCost } from '../streaming/memory-estimate.ts'
import { checkFormat, valueFormat } from '../streaming/value-format.ts'
import { float32Stage } from './float32-stage.ts'
import type { FoldedSegment } from './folded-segment.ts'
import {
  type FunctionStage,
  type StageContext,
  type StageFunctions,
  type StageMemory,
  signedBits,
  signedBitsOf,
  stageFunctions,
} from './function-stage.ts'
import { addressBits, type MemoryChoice } from './memory.ts'
import { scaleStage } from './scale-stage.ts'
import { searchStage } from './search-stage.ts'
import { tableStage } from './table-stage.ts'
import { chooseTile, fewestMultipliers, type Tile } from './tile.ts'

export interface FoldedOptions {
  /** Name of the module and prefix of its memories. */
  readonly name: string
  /** How the tensor arrives; as `valueFormat` says when not given. Any beats and lanes in row-major order. */
  readonly input?: StreamFormat
  /** Multiplications that share one multiplier. */
  readonly reuse?: number
  /** Number of multipliers, instead of `reuse`; at least 1. */
  readonly multipliers?: number
  /**
   * Clocks that the multiplications of a tensor may take, instead of both: as few multipliers as that allows.
   * Behind a stream of pixels that comes in bursts, `beats` times the clocks between two beats of a burst.
   */
  readonly clocks?: number
  /** Where weights and parameters lie: 'auto' (default) puts small memories into LUTs. */
  readonly memory?: MemoryChoice
  /** Makes every weight, bias and function parameter writable while the logic runs. */
  readonly reloadable?: boolean
  /** Lanes of a beat of results (default all): a divisor of their number. */
  readonly outputLanes?: number
}

/** A folded module with everything but its numbers. */
export interface FoldedPlan {
  readonly name: string
  /** What it computes, for the comment. */
  readonly title: string
  readonly input: StreamFormat
  readonly output: StreamFormat
  readonly shape: readonly number[]
  readonly outputs: number
  readonly tile: Tile
  readonly weightBits: number
  readonly sumBits: number
  readonly indexBits: number
  /** Weights, biases, then those of the stages. */
  readonly memories: readonly StageMemory[]
  readonly stages: readonly FunctionStage[]
  readonly reloadable: boolean
  readonly library: readonly string[]
  readonly latency: number
  readonly interval: number
  /** Without the memories. */
  readonly resources: Resources
}

/** Clocks without any multiplier limit that a layer is folded to when nothing is asked for. */
const defaultClocks = 256

export function planFolded(segment: GraphSegment, parsed: FoldedSegment, options: FoldedOptions): FoldedPlan {
  const { name, reloadable = false } = options
  const { source, dense, weights, bias } = parsed
  const outputs = bias.length
  const inputs = elementCount(source.shape)
  const input = options.input ?? valueFormat(segment.graph, segment.source)
  checkFormat(source, input, { beats: input.beats, lanes: input.lanes })
  if (input.beats * input.lanes < inputs)
    throw new GemgateError(
      'GG_USAGE',
      `${input.beats} x ${input.lanes} lanes do not hold the ${inputs} elements of '${source.name}'`,
      'Give a stream format for the whole tensor.',
    )
  const tile = chooseTile(input.beats, input.lanes, outputs, multipliersFor(options, inputs, outputs, input))
  const weightBits = signedBitsOf(Array.from(weights))
  checkSize(dense.name, input.beats * tile.slices * tile.groups, tile.inputs * tile.outputs * weightBits)
  const { min, max } = hull(source.ranges)
  const largestBias = bias.reduce((most, b) => Math.max(most, Math.abs(b)), 0)
  const worst = inputs * Math.max(max, -min) * 2 ** (weightBits - 1) + largestBias
  const sumRange = reloadable ? { min: -worst, max: worst, step: 1 } : hull(dense.ranges)
  const sumBits = signedBits(sumRange)
  const indexBits = addressBits(outputs)
  const stages: FunctionStage[] = []
  let bits = sumBits
  parsed.maps.forEach((map, at) => {
    const functions = stageFunctions(map, outputs, reloadable)
    const outBits = signedBits(hull(functions.to))
    const stage = stageFor({ name, at, outputs, indexBits, inBits: bits, outBits, reloadable }, functions)
    stages.push(stage)
    bits = stage.outBits
  })
  const result = stages.length === 0 ? { bits: sumBits, signed: true } : rangeBits(hull(parsed.result.ranges))
  const lanes = options.outputLanes ?? outputs
  if (!Number.isInteger(lanes) || lanes < 1 || outputs % lanes !== 0)
    throw new GemgateError(
      'GG_USAGE',
      `${outputs} results do not come in beats of ${lanes}`,
      'Use a divisor.',
    )
  const output = { beats: outputs / lanes, lanes, ...result }
  const levels = Math.ceil(Math.log2(tile.inputs))
  const depth = stages.reduce((sum, stage) => sum + stage.latency, 0)
  return {
    name,
    title: `dense [${source.shape}] to ${outputs}${stages.length > 0 ? ` with ${stages.length} function(s) behind it` : ''}`,
    input,
    output,
    shape: source.shape,
    outputs,
    tile,
    weightBits,
    sumBits,
    indexBits,
    memories: [
      ...matrixMemories(name, input, tile, weightBits, sumBits),
      ...stages.flatMap((s) => s.memories),
    ],
    stages,
    reloadable,
    library: [
      ...new Set(['folded_matrix.sv', 'folded_collect.sv', ...stages.flatMap((stage) => stage.library)]),
    ],
    latency: (tile.slices - 1) * tile.groups + levels + outputs + depth + 6,
    interval: Math.max(tile.clocks, outputs + levels + 3),
    resources: engineResources(input, tile, weightBits, sumBits, output, stages),
  }
}

/** Largest weight memory: beyond it, tools take minutes to hours for the table alone. */
const mostWords = 2 ** 17
const mostBits = 2 ** 24

function checkSize(name: string, words: number, bits: number): void {
  if (words <= mostWords && words * bits <= mostBits) return
  throw new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `the weights of '${name}' fill ${words} words of ${bits} bits`,
    `Fold onto more multipliers, or use a smaller layer: at most ${mostWords} words and ${mostBits} bits.`,
  )
}

function multipliersFor(
  options: FoldedOptions,
  inputs: number,
  outputs: number,
  input: StreamFormat,
): number {
  const { reuse, multipliers, clocks } = options
  const perClock = (inputs * outputs) / (reuse ?? Math.max(input.beats, defaultClocks))
  const count =
    multipliers ??
    (clocks === undefined
      ? Math.ceil(perClock)
      : fewestMultipliers(input.beats, input.lanes, outputs, clocks))
  if (Number.isInteger(count) && count! >= 1) return count!
  throw new GemgateError(
    'GG_USAGE',
    `a layer of ${inputs} inputs and ${outputs} outputs cannot be folded onto ${count ?? 'any number of'} multipliers${clocks === undefined ? '' : ` in ${clocks} clocks`}`,
    'Give a reuse or a number of multipliers of at least 1, or at least a clock for each beat.',
  )
}

function stageFor(context: StageContext, functions: StageFunctions): FunctionStage {
  switch (functions.functions[0]!.kind) {
    case 'thresholds':
      return searchStage(context, functions)
    case 'table':
      return tableStage(context, functions)
    case 'float32-scale':
      return float32Stage(context, functions)
    default:
      return scaleStage(context, functions)
  }
}

function matrixMemories(
  name: string,
  input: StreamFormat,
  tile: Tile,
  weightBits: number,
  sumBits: number,
): StageMemory[] {
  const weights = Array.from({ length: tile.inputs * tile.outputs }, (_, k) => ({
    name: `weight${k}`,
    bits: weightBits,
    signed: true,
  }))
  const biases = Array.from({ length: tile.outputs }, (_, k) => ({
    name: `bias${k}`,
    bits: sumBits,
    signed: true,
  }))
  return [
    {
      shape: { name: `${name}_weights`, depth: input.beats * tile.slices * tile.groups, fields: weights },
      purpose: `weights of ${tile.outputs} outputs x ${tile.inputs} inputs`,
      address: 'weight_address',
      enable: 'weight_enable',
      wire: 'weight_word',
    },
    {
      shape: { name: `${name}_biases`, depth: tile.groups, fields: biases },
      purpose: `biases of ${tile.outputs} outputs`,
      address: 'bias_address',
      enable: 'bias_enable',
      wire: 'bias_word',
    },
  ]
}

function engineResources(
  input: StreamFormat,
  tile: Tile,
  weightBits: number,
  sumBits: number,
  output: StreamFormat,
  stages: readonly FunctionStage[],
): Resources {
  const products = tile.inputs * tile.outputs
  const productBits = input.bits + weightBits
  // A multiplier smaller than about 8 x 4 is cheaper in LUTs.
  const inLogic = input.bits * weightBits <= 32
  const sums = tile.outputs * sumBits
  const memory = tile.groups > 1 ? memoryCost(tile.groups, sums) : { luts: 0, ffs: sums, brams: 0 }
  const sum = (of: (stage: FunctionStage) => number): number => stages.reduce((all, s) => all + of(s), 0)
  return {
    luts:
      (inLogic ? products * input.bits * weightBits : 0) +
      (products - tile.outputs) * productBits +
      2 * sums +
      2 * memory.luts +
      input.lanes * input.bits +
      60 +
      sum((stage) => stage.resources.luts),
    // Products that a DSP makes stay in its registers.
    ffs:
      (input.lanes + tile.inputs) * input.bits +
      ((inLogic ? products : 0) + products - tile.outputs) * productBits +
      2 * memory.ffs +
      sums +
      output.lanes * output.bits +
      60 +
      sum((stage) => stage.resources.ffs),
    dsps: (inLogic ? 0 : products) + sum((stage) => stage.resources.dsps),
    brams: 2 * memory.brams,
  }
}
