import { GemgateError } from '../../../core/errors.ts'
import type { ScalarFunction } from '../../graph/scalar-function.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { combine } from './combine.ts'
import type { AdderGraphs } from './graph-source.ts'
import { type Linear, linearNode, nodeOf, offsetLinear } from './linear.ts'
import { clampLinear, roundLinear } from './rounding.ts'

/** Significant bits of a float32. */
const significand = 24

/**
 * The float32 step of a fused operator in integers: x as a float32, times the multiplier's significand, rounded to
 * a float32 again, then to an integer half to even, plus zero point, clamped.
 * @throws GemgateError GG_MODEL_UNSUPPORTED for a multiplier so large that products pass 2^100
 */
export function floatScaleLinear(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  f: Extract<ScalarFunction, { kind: 'float32-scale' }>,
  x: Linear,
): Linear {
  if (!(f.multiplier > 0 && f.multiplier < 2 ** 64))
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `'${builder.label}' scales by ${f.multiplier}`,
      'A scale is above 0 and finite.',
    )
  let whole = f.multiplier
  let shift = 0
  for (; !Number.isInteger(whole); whole *= 2) shift++
  for (; whole % 2 === 0; whole /= 2) shift--
  const product = combine(builder, graphs, [asFloat(builder, x)], [whole], [0])[0]!
  const { min, max } = builder.range(nodeOf(builder, product))
  if (Math.max(-min, max) * 2 ** Math.max(0, -shift) > 2 ** 100)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `'${builder.label}': products with the scale ${f.multiplier} pass 2^100`,
      'Check the scales of this layer.',
    )
  const rounded = roundLinear(builder, asFloat(builder, product), shift, 'half-even')
  return clampLinear(builder, offsetLinear(rounded, f.zeroPoint), f.min, f.max)
}

/** x rounded to a float32; negative numbers by their magnitude. */
function asFloat(builder: NetlistBuilder, x: Linear): Linear {
  const a = nodeOf(builder, x)
  const { min, max, step } = builder.range(a)
  if (Math.max(-min, max) <= 2 ** significand) return x
  if (min >= 0) return linearNode(builder, builder.add({ kind: 'significant', a, bits: significand }))
  const condition = builder.add({ kind: 'at-most', a, threshold: -1 })
  const negated = nodeOf(builder, { node: a, factor: -1, offset: 0 })
  const size = { min: 0, max: Math.max(-min, max), step }
  const magnitude = builder.add({ kind: 'select', condition, yes: negated, no: a }, size)
  const rounded = builder.add({ kind: 'significant', a: magnitude, bits: significand })
  const minus = nodeOf(builder, { node: rounded, factor: -1, offset: 0 })
  return linearNode(builder, builder.add({ kind: 'select', condition, yes: minus, no: rounded }))
}
