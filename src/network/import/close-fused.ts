import { powerOfTwoDivisor } from '../graph/ranges.ts'
import { applyFunction, clamp, roundQuotient, type ScalarFunction } from '../graph/scalar-function.ts'
import { magnitude } from './bounds.ts'
import type { Chain } from './chain.ts'
import { type ClosedChain, closeBySteps } from './close-steps.ts'
import { exactLimit } from './float-exact.ts'
import type { NodeImport } from './importer.ts'
import { findSteps, type IntegerGrid } from './levels.ts'
import type { Quantizer } from './quantizer.ts'

/** Up to this many steps comparators are cheaper than the multiplication that they replace. */
const fewSteps = 31

/**
 * The requantization of a fused operator: `clamp(round(float32(acc) * M))` with
 * `M = float32(float32(inputScale * weightScale) / outputScale)`, the centre of QLinearConv, QLinearMatMul
 * and QGemm in ONNX Runtime. Clips between operator and quantizer clamp the integers.
 */
export function closeFused(
  context: NodeImport,
  chain: Chain,
  grid: IntegerGrid,
  quantizer: Quantizer,
): ClosedChain {
  const at = chain.findIndex((step) => step.kind === 'accumulator')
  const accumulator = chain[at]!
  const before = chain.slice(0, at)
  const after = chain.slice(at + 1)
  const offset = before.reduce((sum, step) => sum + (step.kind === 'offset' ? step.value : Number.NaN), 0)
  if (
    accumulator.kind !== 'accumulator' ||
    quantizer.kind !== 'uniform' ||
    quantizer.shift !== 0 ||
    quantizer.resultOffset !== 0 ||
    quantizer.rounding !== 'half-even' ||
    Number.isNaN(offset) ||
    after.some((step) => step.kind !== 'clip')
  )
    throw context.inexact(
      'between the matrix and this quantizer stand nodes that fused operators do not contain',
      'Quantize directly behind the matrix (Relu and Clip may stand between), or use power-of-two scales.',
    )
  let { min, max } = quantizer
  for (const step of after) {
    if (step.kind !== 'clip') continue
    const low = quantizedLimit(step.low, quantizer)
    const high = quantizedLimit(step.high, quantizer)
    min = clamp(min, low, high)
    max = clamp(max, low, high)
  }
  const { inputScale, weightScale } = accumulator
  const multiplier =
    accumulator.divisor === undefined
      ? Math.fround(Math.fround(inputScale * weightScale) / quantizer.scale)
      : Math.fround(inputScale / Math.fround(quantizer.scale * accumulator.divisor))
  if (!(multiplier >= 2 ** -100 && multiplier <= 2 ** 100))
    throw context.inexact(`its multiplier is ${multiplier}`, 'Choose scales of similar size.')
  const scale: ScalarFunction = { kind: 'float32-scale', multiplier, zeroPoint: 0, min, max }
  // Multiples of the step, as every grid: an offset can break the step.
  const step = Math.min(grid.step, powerOfTwoDivisor(offset))
  const shifted = { min: grid.min + offset, max: grid.max + offset, step }
  const prefix: ScalarFunction[] = offset === 0 ? [] : [{ kind: 'affine', multiply: 1, add: offset }]
  const shift = -Math.log2(multiplier)
  if (Number.isInteger(shift) && Math.abs(shift) <= 40 && magnitude(grid, offset) < exactLimit)
    return {
      functions: [...prefix, { kind: 'round', shift, rounding: 'half-even', min, max }],
      class: 'A',
      reason: `scales differ by 2^${shift}: one exact shift and one rounding`,
    }
  const steps = findSteps([], shifted, (q) => applyFunction(scale, q))
  const replica: ClosedChain = {
    functions: [...prefix, scale],
    class: 'C',
    reason: `the float32 multiplication by ${multiplier} itself`,
  }
  if ('undecided' in steps) return replica
  const closed = closeBySteps(steps, shifted, `on ONNX Runtime's float32 multiplication by ${multiplier}`)
  if (closed.class === 'B' && steps.starts.length > fewSteps) return replica
  return { ...closed, functions: [...prefix, ...closed.functions] }
}

/** QuantizeLinear of a Clip limit, less the zero point. */
function quantizedLimit(limit: number, quantizer: Quantizer & { kind: 'uniform' }): number {
  const quotient = Math.fround(Math.fround(limit) / quantizer.scale)
  return roundQuotient(clamp(quotient, quantizer.min, quantizer.max), 0, 'half-even')
}
