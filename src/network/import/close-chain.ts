import { clamp, type ScalarFunction } from '../graph/scalar-function.ts'
import type { Chain } from './chain.ts'
import { closePairs } from './close-pairs.ts'
import { type ClosedChain, closeBySteps, type OpenChain } from './close-steps.ts'
import { floatInexactness } from './float-exact.ts'
import { type Arithmetic, exactLevel, findSteps, type IntegerGrid, levelAt } from './levels.ts'
import { linearForm, splitFactor } from './linear-form.ts'
import { approximateLevel, levelOutput, type Quantizer } from './quantizer.ts'
import { exactly } from './rational.ts'

/**
 * The integer function `quantizer(chain(q))` for all q of a grid.
 * @param floats whether the oracle computes in float32 rather than with real numbers
 */
export function closeChain(
  chain: Chain,
  grid: IntegerGrid,
  quantizer: Quantizer,
  floats: boolean,
): ClosedChain | OpenChain {
  const shifted = closeByShift(chain, grid, quantizer, floats)
  if (shifted !== undefined) return shifted
  const arithmetic = arithmeticFor(chain, floats)
  const [first, ...after] = chain
  if (first?.kind === 'pair-sum') return closePairs(first.sums, after, quantizer, arithmetic)
  const steps = findSteps(chain, grid, (q) => levelAt(chain, quantizer, arithmetic, q))
  if ('undecided' in steps) return steps
  return closeBySteps(
    { starts: steps.starts, levels: steps.levels.map((level) => levelOutput(quantizer, level)) },
    grid,
    arithmeticReason(arithmetic),
  )
}

/** BatchNormalization and transcendental functions are evaluated differently by each runtime. */
function arithmeticFor(chain: Chain, floats: boolean): Arithmetic {
  if (!floats) return 'exact'
  return chain.some((step) => step.kind === 'normalize' || step.kind === 'smooth') ? 'any-float' : 'float32'
}

function arithmeticReason(arithmetic: Arithmetic): string {
  if (arithmetic === 'exact') return 'in exact arithmetic'
  if (arithmetic === 'float32') return 'in float32, each operation rounded once'
  return 'clear of every boundary by more than the errors of any float32 evaluation (Sigmoid and Tanh within 2^-20)'
}

/**
 * A shift with rounding, when input and output grids differ by a power of two: `clip(linear)` with
 * clips that commute with rounding, because both are monotone.
 */
function closeByShift(
  chain: Chain,
  grid: IntegerGrid,
  quantizer: Quantizer,
  floats: boolean,
): ClosedChain | undefined {
  if (quantizer.kind !== 'uniform' || chain.some((step) => step.kind === 'accumulator')) return undefined
  const clipsFrom = chain.findIndex((step) => step.kind === 'clip')
  const clips = clipsFrom < 0 ? [] : chain.slice(clipsFrom)
  const form = linearForm(clipsFrom < 0 ? chain : chain.slice(0, clipsFrom))
  if (form === undefined || form.sign < 0) return undefined
  const { mantissa, exponent } = splitFactor(quantizer.scale)
  const ratio = mantissa === 1 ? form.mantissas.length === 0 : form.mantissas[0] === mantissa
  if (!ratio || form.mantissas.length > (mantissa === 1 ? 0 : 1)) return undefined
  const linear = clipsFrom < 0 ? chain : chain.slice(0, clipsFrom)
  if (floats && (floatInexactness(linear, grid) !== undefined || Math.abs(exponent) > 60)) return undefined
  const shift = exponent - form.exponent
  if (Math.abs(shift) > 40) return undefined
  // x / scale + zero point = (q + offset + zero point * 2^shift) / 2^shift
  const addend = form.offset + quantizer.shift * 2 ** shift
  if (!Number.isSafeInteger(addend) || (floats && quantizer.shift !== 0)) return undefined
  let { min, max } = quantizer
  for (const step of clips) {
    if (step.kind !== 'clip') return undefined
    const low = limitLevel(quantizer, step.low)
    const high = limitLevel(quantizer, step.high)
    if (low === undefined || high === undefined) return undefined
    min = clamp(min, low, high)
    max = clamp(max, low, high)
  }
  return {
    functions: [
      { kind: 'affine', multiply: 1, add: addend },
      { kind: 'round', shift, rounding: quantizer.rounding, min, max },
      { kind: 'affine', multiply: 1, add: quantizer.resultOffset },
    ],
    class: 'A',
    reason: `scales differ by 2^${shift}: one exact shift and one rounding`,
  }
}

function limitLevel(quantizer: Quantizer & { kind: 'uniform' }, limit: number): number | undefined {
  if (limit === Number.POSITIVE_INFINITY) return quantizer.max
  if (limit === Number.NEGATIVE_INFINITY) return quantizer.min
  return exactLevel(quantizer, exactly(limit), approximateLevel(quantizer, limit))
}

/** Whether a function changes nothing on a grid. */
export function isIdentity(f: ScalarFunction, grid: IntegerGrid): boolean {
  if (f.kind === 'affine') return f.multiply === 1 && f.add === 0
  return f.kind === 'round' && f.shift === 0 && f.min <= grid.min && f.max >= grid.max
}
