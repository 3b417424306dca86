import { exactly } from '../../graph/ranges.ts'
import { applyFunction, type ScalarFunction } from '../../graph/scalar-function.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { signalFormat, valueCount } from '../netlist/range-bits.ts'
import { combine } from './combine.ts'
import { floatScaleLinear } from './float-scale.ts'
import type { AdderGraphs } from './graph-source.ts'
import { constantLinear, type Linear, linearNode, linearRange, offsetLinear } from './linear.ts'
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
  if (f.kind === 'round') {
    const range = linearRange(builder, linearNode(builder, x.node!))
    const limits = { ...exactly(0), min: Math.max(f.min, -(2 ** 53)), max: Math.min(f.max, 2 ** 53), step: 1 }
    const clamped = Math.min(signalFormat(limits).bits, signalFormat({ ...range, step: 1 }).bits)
    return bits + 1 + clamped + (f.rounding === 'half-even' ? f.shift / 5 : 0)
  }
  return undefined
}
