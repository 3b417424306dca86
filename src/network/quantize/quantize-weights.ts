import { exactLimit } from '../import/float-exact.ts'
import { type FloatStep, inputOf, type LinearStep, outputsOf } from './float-step.ts'
import {
  candidateExponents,
  type Grid,
  gridRange,
  largestExponent,
  leastError,
  squaredError,
  toGrid,
} from './grid.ts'
import { stepError } from './step-error.ts'

/** A linear step in integers: `(sum_i w_i x_i + b) * 2^(exponent of x + exponent of w)`. */
export interface QuantizedLinear {
  /** As the float weights, `-(2^(bits - 1) - 1) ... 2^(bits - 1) - 1`. */
  readonly weights: Int8Array
  /** One for all outputs, or one for each. */
  readonly exponents: readonly number[]
  /** In units of the accumulator. */
  readonly bias: Int32Array
  /** How often a scale was doubled to keep an accumulator below 2^24; each costs a bit. */
  readonly lowered: number
}

/**
 * Weights and bias of a linear step on power-of-two scales of least squared error, such that no accumulator
 * reaches 2^24 (class A). What rounding the weights changes on average goes into the bias.
 * @param input the grid of its source
 * @param means of the inputs: of each element for a matrix, of each channel for a convolution
 * @throws GemgateError GG_MODEL_INEXACT (naming the node) when even coarse weights leave no room
 */
export function quantizeLinear(
  step: FloatStep & { readonly what: LinearStep },
  input: Grid,
  means: Float64Array,
  weightBits: number,
  perChannel: boolean,
): QuantizedLinear {
  const { what } = step
  if (!what.weights.every(Number.isFinite) || !what.bias.every(Number.isFinite))
    throw stepError(
      step,
      'its weights are not all finite',
      'GG_MODEL_UNSUPPORTED',
      'Train the network again.',
    )
  const outputs = outputsOf(what)
  const size = what.weights.length / outputs
  const largestInput = Math.max(...gridRange(input).map(Math.abs))
  const most = 2 ** (weightBits - 1) - 1
  const weights = new Int8Array(what.weights.length)
  const bias = new Int32Array(outputs)
  const exponents: number[] = []
  let lowered = 0
  const parts = perChannel ? outputs : 1
  for (let part = 0; part < parts; part++) {
    const [first, count] = perChannel ? [part, 1] : [0, outputs]
    const numbers = what.weights.subarray(first * size, (first + count) * size)
    const best = bestExponent(numbers, most)
    let exponent = best
    for (; ; exponent++) {
      if (exponent > largestExponent || exponent > best + weightBits)
        throw stepError(
          step,
          `its accumulator can reach 2^24 with an input of ${input.bits} bits, even with coarse weights`,
          'GG_MODEL_INEXACT',
          'Use fewer activation bits, a smaller bias or fewer inputs.',
        )
      const format = { exponent, inputExponent: input.exponent, most, largestInput }
      if (fill(what, means, first, count, format, weights, bias)) break
    }
    lowered = Math.max(lowered, exponent - best)
    exponents.push(exponent)
  }
  return { weights, exponents, bias, lowered }
}

function bestExponent(numbers: Float64Array, most: number): number {
  const candidates = candidateExponents(
    numbers.reduce((largest, w) => Math.max(largest, Math.abs(w)), 0),
    most,
  )
  const range = [-most, most] as const
  return leastError(
    candidates,
    candidates.map((exponent) => squaredError(numbers, exponent, range)),
  )
}

interface Format {
  /** Of the weights. */
  readonly exponent: number
  readonly inputExponent: number
  /** The largest integer of a weight. */
  readonly most: number
  readonly largestInput: number
}

/** Writes the integers of some outputs; false when an accumulator could reach 2^24. */
function fill(
  linear: LinearStep,
  means: Float64Array,
  first: number,
  count: number,
  { exponent, inputExponent, most, largestInput }: Format,
  intoWeights: Int8Array,
  intoBias: Int32Array,
): boolean {
  const { weights, bias } = linear
  const size = weights.length / outputsOf(linear)
  const everything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const
  for (let output = first; output < first + count; output++) {
    let bound = 0
    let lost = 0
    for (let i = output * size; i < (output + 1) * size; i++) {
      intoWeights[i] = toGrid(weights[i]!, exponent, [-most, most])
      bound += Math.abs(intoWeights[i]!) * largestInput
      lost += (weights[i]! - intoWeights[i]! * 2 ** exponent) * means[inputOf(linear, means.length, i)]!
    }
    const offset = toGrid(bias[output]! + lost, inputExponent + exponent, everything)
    if (bound + Math.abs(offset) >= exactLimit) return false
    intoBias[output] = offset
  }
  return true
}
