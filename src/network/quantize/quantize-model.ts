import { GemgateError } from '../../core/errors.ts'
import { exactLimit } from '../import/float-exact.ts'
import type { OnnxModel, OnnxValue } from '../onnx/onnx-model.ts'
import { declaredDims, evaluateModel, inferShapes, type Tensor } from '../reference/index.ts'
import { calibrateGrids, splitSamples } from './calibrate.ts'
import { FloatRuns } from './float-runs.ts'
import type { FloatNetwork, FloatStep, LinearStep } from './float-step.ts'
import { foldAffine } from './fold-affine.ts'
import { type Grid, gridRange } from './grid.ts'
import { inputMeans } from './input-means.ts'
import { type QuantizedLinear, quantizeLinear } from './quantize-weights.ts'
import { readFloatNetwork } from './read-steps.ts'
import { findRoundingPoints, type RoundingPoints } from './rounding-points.ts'
import type { Sample } from './sample.ts'
import { SignalToNoise } from './signal-to-noise.ts'
import { stepError } from './step-error.ts'
import { writeSteps } from './write-steps.ts'

export interface QuantizeOptions {
  /** 2 to 8, default 8. */
  readonly weightBits?: number
  /** 2 to 8, default 8. */
  readonly activationBits?: number
  /** 2 to 8, or 16 (default): the scores, which nothing computes with any more. */
  readonly outputBits?: number
  /** A power-of-two weight scale for each output channel instead of one for all; default false. */
  readonly perChannel?: boolean
  /** 'float' (default): float32 in and out. 'integer': the quantized numbers themselves. */
  readonly border?: 'float' | 'integer'
}

/** One matrix or convolution of the quantized network. */
export interface QuantizedLayer {
  readonly name: string
  readonly weightBits: number
  /** Bits lost to keep the accumulator below 2^24. */
  readonly loweredBits: number
  /** Of the weights' scale 2^exponent: one, or one for each output channel. */
  readonly weightExponents: readonly number[]
  /** Decibels: the float weights (everything folded in) over their rounding error. */
  readonly weightSignalToNoise: number
}

/** One value that is rounded. */
export interface QuantizedValue extends Grid {
  readonly name: string
  /** Decibels over the calibration data, all earlier rounding included. */
  readonly signalToNoise: number
}

export interface QuantizedModel {
  readonly model: OnnxModel
  readonly layers: readonly QuantizedLayer[]
  readonly values: readonly QuantizedValue[]
  /** Nodes at the end that were left out because they keep the order of the scores (softmax). */
  readonly removed: readonly string[]
}

/**
 * Quantizes a float network after training, into a form whose evaluation is exact in float32 (class A): all
 * scales are powers of two chosen by least squared error over the calibration data, all zero points 0, each
 * bias is in units of its accumulator, and no accumulator reaches 2^24. Batch normalization and other
 * scales are folded into the layers in double precision. The result is QDQ (QCDQ below 8 bits) and runs in
 * ONNX Runtime.
 * @param calibration typical inputs: tensors whose first axis is the batch, or maps of them by input name
 * @throws GemgateError GG_MODEL_UNSUPPORTED or GG_MODEL_INEXACT naming the node, GG_FILE_SHAPE for
 *   calibration data that does not fit, GG_USAGE for options outside their range
 */
export function quantizeModel(
  model: OnnxModel,
  calibration: Iterable<Tensor | Sample>,
  options: QuantizeOptions = {},
): QuantizedModel {
  const {
    weightBits = 8,
    activationBits = 8,
    outputBits = 16,
    perChannel = false,
    border = 'float',
  } = options
  checkBits('weightBits', weightBits)
  checkBits('activationBits', activationBits)
  if (outputBits !== 16) checkBits('outputBits', outputBits)
  const network = foldAffine(readFloatNetwork(model, singleInputs(model)))
  const samples = splitSamples(calibration, network.inputs)
  const float = writeSteps(network)
  const rounding = findRoundingPoints(network)
  const runs = new FloatRuns(float, samples, [...rounding.points, ...linearInputs(network)])
  const grids = calibrateGrids(network, rounding, runs, { activationBits, outputBits })
  const means = inputMeans(network, runs)
  const linear = new Map<FloatStep, QuantizedLinear>()
  for (const step of network.steps)
    if (isLinear(step)) {
      const grid = grids.get(step.inputs[0]!)!
      linear.set(step, quantizeLinear(step, grid, means.get(step)!, weightBits, perChannel))
    } else checkSums(step, grids)
  const plan = { grids, linear }
  const inner = writeSteps(network, { ...plan, border: 'float' })
  return {
    model: anyBatch(border === 'float' ? inner : writeSteps(network, { ...plan, border })),
    layers: [...linear].map(([step, quantized]) => layerOf(step as LinearOf, quantized, weightBits)),
    values: measure(network, rounding, runs, inner, grids, samples),
    removed: network.removed,
  }
}

/** Declares a batch of any size, unless a step mixes the batch with other axes. */
function anyBatch(model: OnnxModel): OnnxModel {
  const open = ({ name, type, dims }: OnnxValue): OnnxValue => ({
    name,
    type,
    dims: ['N', ...dims!.slice(1)],
  })
  const { inputs, outputs } = model.graph
  const free = { ...model, graph: { ...model.graph, inputs: inputs.map(open), outputs: outputs.map(open) } }
  const two = new Map(inputs.map(({ name, dims }) => [name, [2, ...(dims!.slice(1) as number[])]]))
  try {
    const shapes = inferShapes(free, two)
    const grown = outputs.every(
      ({ name, dims }) => shapes.get(name)!.join() === [2, ...dims!.slice(1)].join(),
    )
    return grown ? free : model
  } catch (error) {
    if (error instanceof GemgateError) return model
    throw error
  }
}

type LinearOf = FloatStep & { readonly what: LinearStep }

function linearInputs({ steps }: FloatNetwork): string[] {
  return steps.filter(isLinear).map((step) => step.inputs[0]!)
}

function isLinear(step: FloatStep): step is LinearOf {
  return step.what.kind === 'linear'
}

/** Between 8 and 16 bits there is no Clip in ONNX Runtime. */
function checkBits(name: string, bits: number): void {
  if (Number.isInteger(bits) && bits >= 2 && bits <= 8) return
  const also = name === 'outputBits' ? ', or 16' : ''
  throw new GemgateError('GG_USAGE', `${name} is ${bits}`, `Give an integer from 2 to 8${also}.`)
}

/** Shapes of the inputs with batch size 1, whatever batch the file declares. */
function singleInputs(model: OnnxModel): Map<string, readonly number[]> {
  const constants = new Set(model.graph.initializers.map((tensor) => tensor.name))
  const inputs = model.graph.inputs.filter((input) => !constants.has(input.name))
  return new Map(inputs.map((input) => [input.name, [1, ...declaredDims(input).slice(1)]]))
}

/** Refuses sums of values on grids so different that float32 does not hold them exactly. */
function checkSums(step: FloatStep, grids: ReadonlyMap<string, Grid>): void {
  if (step.what.kind !== 'add' && step.what.kind !== 'average') return
  const sources = step.inputs.map((name) => grids.get(name)!)
  const finest = Math.min(...sources.map(({ exponent }) => exponent))
  const terms = step.what.kind === 'average' ? step.what.area : 1
  let bound = 0
  for (const grid of sources)
    bound += Math.max(...gridRange(grid).map(Math.abs)) * 2 ** (grid.exponent - finest) * terms
  if (bound >= exactLimit)
    throw stepError(
      step,
      `its sum can reach ${bound} units, beyond the 2^24 that float32 holds exactly`,
      'GG_MODEL_INEXACT',
      'Use fewer activation bits.',
    )
}

function layerOf(step: LinearOf, quantized: QuantizedLinear, weightBits: number): QuantizedLayer {
  const size = step.what.weights.length / step.what.dims[0]!
  const { exponents, weights } = quantized
  const noise = new SignalToNoise()
  const exponent = (i: number): number => exponents[exponents.length === 1 ? 0 : Math.floor(i / size)]!
  noise.add(
    step.what.weights,
    Float64Array.from(weights, (w, i) => w * 2 ** exponent(i)),
  )
  return {
    name: step.name,
    weightBits: weightBits - quantized.lowered,
    loweredBits: quantized.lowered,
    weightExponents: exponents,
    weightSignalToNoise: noise.ratio,
  }
}

function measure(
  network: FloatNetwork,
  rounding: RoundingPoints,
  runs: FloatRuns,
  quantized: OnnxModel,
  grids: ReadonlyMap<string, Grid>,
  samples: readonly Sample[],
): QuantizedValue[] {
  const inputs = new Set(network.inputs.map((input) => input.name))
  const ratios = new Map(rounding.points.map((point) => [point, new SignalToNoise()]))
  let sample = 0
  for (const exact of runs) {
    const rounded = evaluateModel(quantized, samples[sample++]!, { all: true })
    for (const [point, ratio] of ratios) {
      const name = inputs.has(point) ? `${point}.dequantized` : point
      ratio.add(exact.get(point)!, rounded.get(name)!.data)
    }
  }
  return rounding.points.map((name) => ({
    name,
    ...grids.get(name)!,
    signalToNoise: ratios.get(name)!.ratio,
  }))
}
