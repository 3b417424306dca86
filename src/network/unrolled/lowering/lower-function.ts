import { digitCount } from '../../adder-graph/digits.ts'
import { applyFunction, type ScalarFunction } from '../../graph/scalar-function.ts'
import { adderLuts, constantAdderLuts, evenLuts } from '../lut-model.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { bitLength, signalFormat, valueCount } from '../netlist/range-bits.ts'
import { combine } from './combine.ts'
import { floatScaleLinear } from './float-scale.ts'
import type { AdderGraphs } from './graph-source.ts'
import { constantLinear, type Linear, linearRange, offsetLinear } from './linear.ts'
import { cheapestSteps } from './lower-steps.ts'
import { maximumTable, tableLinear } from './lower-table.ts'
import { clampLinear, floorLinear, roundLinear } from './rounding.ts'
import { stepsOf } from './steps.ts'
import { unsupportedFunction } from './unsupported.ts'

/** Arguments up to which one LUT per result bit is the whole function. */
const oneLut = 64

/** `f(x)` in the cheapest of the forms that are equal on the whole range of x. */
export function functionLinear(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  f: ScalarFunction,
  x: Linear,
): Linear {
  if (x.node === undefined) return constantLinear(applyFunction(f, x.offset))
  if (f.kind === 'affine') return offsetLinear(times(builder, graphs, x, f.multiply), f.add)
  if (isIdentity(builder, f, x)) return x
  if (valueCount(builder.range(x.node)) <= oneLut) return tableLinear(builder, f, x)
  const steps = stepsOf(builder, f, x)
  const direct = directCost(builder, f, x)
  if (steps !== undefined) {
    const best = cheapestSteps(builder, graphs, x.node, steps)
    if (direct === undefined || best.luts < direct) return best.build()
  }
  switch (f.kind) {
    case 'round':
      return clampLinear(builder, roundLinear(builder, x, f.shift, f.rounding), f.min, f.max)
    case 'multiply-shift': {
      const sum = offsetLinear(times(builder, graphs, x, f.multiply), f.add)
      return clampLinear(builder, floorLinear(builder, sum, f.shift), f.min, f.max)
    }
    case 'float32-scale':
      return floatScaleLinear(builder, graphs, f, x)
    case 'table':
    case 'thresholds':
      if (valueCount(builder.range(x.node)) <= maximumTable) return tableLinear(builder, f, x)
      throw unsupportedFunction(builder, f, x)
  }
}

/** x times a constant: shifts where that is enough, else adders. */
export function times(builder: NetlistBuilder, graphs: AdderGraphs, x: Linear, factor: number): Linear {
  return combine(builder, graphs, [x], [factor], [0])[0]!
}

function isIdentity(builder: NetlistBuilder, f: ScalarFunction, x: Linear): boolean {
  if (f.kind !== 'round' || f.shift !== 0) return false
  const { min, max } = linearRange(builder, x)
  return f.min <= min && max <= f.max
}

/** LUTs of the form that the function itself describes, where it has one without a list. */
function directCost(builder: NetlistBuilder, f: ScalarFunction, x: Linear): number | undefined {
  const { bits } = signalFormat(builder.range(x.node!))
  switch (f.kind) {
    case 'affine':
    case 'table':
    case 'thresholds':
      return undefined
    case 'round':
      return constantAdderLuts(bits) + limitBits(f) + (f.rounding === 'half-even' ? evenLuts(f.shift) : 0)
    case 'multiply-shift':
      return multiplyCost(bits, f.multiply) + constantAdderLuts(bits) + limitBits(f)
    case 'float32-scale': {
      const exponent = Math.log2(f.multiplier)
      if (Number.isInteger(exponent))
        return constantAdderLuts(bits) + limitBits(f) + evenLuts(Math.abs(exponent))
      const product = bits + significandBits
      const rounding = product + (product * (product - significandBits)) / 4
      return multiplyCost(bits, 0x555555) + 2 * rounding + limitBits(f)
    }
  }
}

/** Bits of a float32's significand: what a multiplier adds to a product. */
const significandBits = 24

function multiplyCost(bits: number, factor: number): number {
  return adderLuts(Math.max(0, digitCount(factor) - 1) * (bits + bitLength(Math.abs(factor)) / 2))
}

function limitBits({ min, max }: { readonly min: number; readonly max: number }): number {
  return bitLength(Math.min(2 ** 53, Math.max(max, -min)))
}
