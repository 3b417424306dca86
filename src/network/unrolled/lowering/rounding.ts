import type { Rounding } from '../../graph/scalar-function.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import {
  constantLinear,
  type Linear,
  linearNode,
  linearRange,
  nodeOf,
  offsetLinear,
  scaleLinear,
} from './linear.ts'

/** `floor(x / 2^shift)`: an adder if x has an offset that matters, and wires. */
export function floorLinear(builder: NetlistBuilder, x: Linear, shift: number): Linear {
  return quotient(builder, x, shift, 'floor')
}

/** `round(x / 2^shift)`; a negative shift multiplies. */
export function roundLinear(builder: NetlistBuilder, x: Linear, shift: number, rounding: Rounding): Linear {
  if (shift <= 0) return scaleLinear(x, 2 ** -shift)
  const half = 2 ** (shift - 1)
  const all = 2 ** shift - 1
  switch (rounding) {
    case 'floor':
      return floorLinear(builder, x, shift)
    case 'ceil':
      return floorLinear(builder, offsetLinear(x, all), shift)
    case 'half-even':
      return quotient(builder, offsetLinear(x, half), shift, 'even')
    case 'half-up':
      return bySign(builder, x, shift, half - 1, half)
    case 'half-down':
      return bySign(builder, x, shift, half, half - 1)
    case 'down':
      return bySign(builder, x, shift, all, 0)
    case 'up':
      return bySign(builder, x, shift, 0, all)
  }
}

/** `clamp(x, min, max)`; on a bare node where the limits allow, so that sign and offset travel on. */
export function clampLinear(builder: NetlistBuilder, x: Linear, min: number, max: number): Linear {
  const range = linearRange(builder, x)
  if (range.min >= min && range.max <= max) return x
  if (range.max <= min) return constantLinear(min)
  if (range.min >= max) return constantLinear(max)
  const limits = [Math.max(min, range.min), Math.min(max, range.max)]
  const inner = limits.map((limit) => (limit - x.offset) / x.factor).sort((p, q) => p - q)
  if (x.node !== undefined && inner.every(Number.isInteger)) {
    const node = builder.add({ kind: 'clamp', a: x.node, min: inner[0]!, max: inner[1]! })
    return offsetLinear(scaleLinear(linearNode(builder, node), x.factor), x.offset)
  }
  return linearNode(builder, builder.add({ kind: 'clamp', a: nodeOf(builder, x), min, max }))
}

/** `floor((x + below) / 2^shift)` for a negative x, with `above` for the others. */
function bySign(builder: NetlistBuilder, x: Linear, shift: number, below: number, above: number): Linear {
  const range = linearRange(builder, x)
  if (range.min >= 0) return floorLinear(builder, offsetLinear(x, above), shift)
  if (range.max < 0) return floorLinear(builder, offsetLinear(x, below), shift)
  const a = nodeOf(builder, x)
  const condition = builder.add({ kind: 'at-most', a, threshold: -1 })
  const [yes, no] = [builder.constant(below), builder.constant(above)]
  const b = builder.add({ kind: 'select', condition, yes, no })
  const sum = builder.add({ kind: 'add', a, b, shiftA: 0, shiftB: 0, subtract: 'none' })
  return floorLinear(builder, linearNode(builder, sum), shift)
}

function quotient(builder: NetlistBuilder, x: Linear, shift: number, kind: 'floor' | 'even'): Linear {
  if (x.node === undefined || shift === 0) {
    const a = builder.constant(x.offset)
    return shift === 0 ? x : linearNode(builder, builder.add({ kind, a, shift }))
  }
  // What lies below the grain of the variable part changes neither a quotient nor, with its own bit, a tie.
  const size = 2 ** shift
  const grain = Math.min(size, builder.range(x.node).step * Math.abs(x.factor))
  const coarse = Math.floor(x.offset / grain) * grain
  // With something below the grain nothing is ever a tie.
  const used = coarse === x.offset ? kind : 'floor'
  const whole = coarse % (used === 'even' ? 2 * size : size) === 0 ? coarse : 0
  const node = nodeOf(builder, { ...x, offset: coarse - whole })
  return offsetLinear(linearNode(builder, builder.add({ kind: used, a: node, shift })), whole / size)
}
