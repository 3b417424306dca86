import { GemgateError } from '../../core/errors.ts'
import { countElements, type Tensor } from '../reference/index.ts'
import type { FloatRuns } from './float-runs.ts'
import type { FloatNetwork } from './float-step.ts'
import {
  candidateExponents,
  type Grid,
  gridRange,
  largestExponent,
  leastError,
  squaredError,
} from './grid.ts'
import { nonNegativeGroups, type RoundingPoints } from './rounding-points.ts'
import type { Sample } from './sample.ts'

/**
 * Splits calibration data into samples of batch size 1.
 * @param data tensors for a network with one input (axis 0 is the batch), or maps of them by input name
 * @throws GemgateError GG_FILE_SHAPE when there is none, or it does not fit the inputs
 */
export function splitSamples(
  data: Iterable<Tensor | Sample>,
  inputs: readonly { readonly name: string; readonly dims: readonly number[] }[],
): Sample[] {
  const samples: Sample[] = []
  for (const item of data) {
    const named = item instanceof Map ? (item as Sample) : new Map([[inputs[0]!.name, item as Tensor]])
    const batch = named.get(inputs[0]!.name)?.dims[0] ?? 0
    for (let row = 0; row < batch; row++)
      samples.push(new Map(inputs.map(({ name, dims }) => [name, rowOf(named.get(name), row, name, dims)])))
  }
  if (samples.length === 0)
    throw new GemgateError('GG_FILE_SHAPE', 'there is no calibration data', 'Give at least one sample.')
  return samples
}

function rowOf(tensor: Tensor | undefined, row: number, name: string, dims: readonly number[]): Tensor {
  const size = countElements(dims)
  const part = tensor?.data.subarray(row * size, (row + 1) * size)
  if (tensor === undefined || tensor.dims.slice(1).join() !== dims.slice(1).join() || part?.length !== size)
    throw new GemgateError(
      'GG_FILE_SHAPE',
      `calibration data for input '${name}' has shape [${tensor?.dims.join(', ') ?? 'none'}], the network wants [batch, ${dims.slice(1).join(', ')}]`,
      'Give one array of that shape for each input.',
    )
  return { type: tensor.type, dims, data: part.map(Math.fround) }
}

/** Bits of the grids. */
export interface GridBits {
  readonly activationBits: number
  readonly outputBits: number
}

/**
 * The grid of every value that lies on one: of the power-of-two scales that just hold the calibration data
 * and the next smaller ones, that of least squared error. Values that are never negative are unsigned; a
 * graph input is taken for one when no calibration data is negative.
 */
export function calibrateGrids(
  network: FloatNetwork,
  rounding: RoundingPoints,
  runs: FloatRuns,
  { activationBits, outputBits }: GridBits,
): Map<string, Grid> {
  const largest = new Map<string, number>()
  const lowest = new Map<string, number>()
  for (const values of runs)
    for (const point of rounding.points) {
      const { size, low } = extremes(values.get(point)!)
      const group = rounding.groupOf.get(point)!
      largest.set(group, Math.max(largest.get(group) ?? 0, size))
      lowest.set(point, Math.min(lowest.get(point) ?? 0, low))
    }
  const brightInputs = network.inputs.map(({ name }) => name).filter((name) => (lowest.get(name) ?? 0) >= 0)
  const positive = nonNegativeGroups(network, rounding, new Set(brightInputs))
  const formats = new Map<string, { bits: number; signed: boolean; candidates: number[]; errors: number[] }>()
  for (const group of rounding.groups.keys()) {
    const signed = !positive.has(group)
    const bits = rounding.finalGroups.has(group) ? outputBits : activationBits
    const most = gridRange({ bits, signed })[1]
    if ((largest.get(group) ?? 0) > most * 2 ** largestExponent)
      throw new GemgateError(
        'GG_MODEL_INEXACT',
        `value '${group}' reaches ${largest.get(group)}`,
        `Scale the network so that its values stay below 2^${largestExponent}.`,
      )
    const candidates = candidateExponents(largest.get(group) ?? 0, most)
    formats.set(group, { bits, signed, candidates, errors: candidates.map(() => 0) })
  }
  for (const values of runs)
    for (const point of rounding.points) {
      const format = formats.get(rounding.groupOf.get(point)!)!
      format.candidates.forEach((exponent, k) => {
        format.errors[k]! += squaredError(values.get(point)!, exponent, gridRange(format))
      })
    }
  const grids = new Map<string, Grid>()
  for (const [value, group] of rounding.groupOf) {
    const { bits, signed, candidates, errors } = formats.get(group)!
    grids.set(value, { bits, signed, exponent: leastError(candidates, errors) })
  }
  return grids
}

/** The largest absolute value, and the smallest value or 0. */
function extremes(data: Float64Array): { size: number; low: number } {
  let [size, low] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    size = Math.max(size, Math.abs(data[i]!))
    low = Math.min(low, data[i]!)
  }
  return { size, low }
}
