import type { Range } from '../../graph/integer-graph.ts'
import { add, exactly } from '../../graph/ranges.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'

/**
 * `factor * node + offset`, not yet computed: signs, powers of two and constants travel along until an adder
 * takes them in for nothing. The factor is a power of two or its negative; without a node it is 0.
 */
export interface Linear {
  readonly node: NodeId | undefined
  readonly factor: number
  readonly offset: number
}

export function constantLinear(offset: number): Linear {
  return { node: undefined, factor: 0, offset: offset + 0 }
}

export function linearNode(builder: NetlistBuilder, node: NodeId): Linear {
  const operation = builder.operation(node)
  if (operation.kind === 'constant') return constantLinear(operation.value)
  if (operation.kind === 'scale') return { node: operation.a, factor: 2 ** operation.shift, offset: 0 }
  return { node, factor: 1, offset: 0 }
}

/** x times plus or minus a power of two. */
export function scaleLinear(x: Linear, factor: number): Linear {
  return { node: x.node, factor: x.factor * factor, offset: x.offset * factor + 0 }
}

export function offsetLinear(x: Linear, offset: number): Linear {
  return { ...x, offset: x.offset + offset }
}

export function linearRange(builder: NetlistBuilder, x: Linear): Range {
  if (x.node === undefined) return exactly(x.offset)
  const { min, max, step } = builder.range(x.node)
  const size = Math.abs(x.factor)
  const ends = [min * x.factor, max * x.factor]
  const multiple = { min: Math.min(...ends), max: Math.max(...ends), step: step * size }
  return add(multiple, exactly(x.offset))
}

/**
 * `x + y`, with one adder at most.
 * @param known the range of `x + y` without their offsets where it is narrower than intervals say
 */
export function addLinear(builder: NetlistBuilder, x: Linear, y: Linear, known?: Range): Linear {
  const offset = x.offset + y.offset
  if (x.node === undefined) return { ...y, offset }
  if (y.node === undefined) return { ...x, offset }
  const factor = x.factor + y.factor
  if (x.node === y.node && (factor === 0 || Number.isInteger(Math.log2(Math.abs(factor)))))
    return factor === 0 ? constantLinear(offset) : { node: x.node, factor, offset }
  const low = Math.min(Math.abs(x.factor), Math.abs(y.factor))
  const negative = x.factor < 0 && y.factor < 0
  const node = builder.add(
    {
      kind: 'add',
      a: x.node,
      b: y.node,
      shiftA: Math.log2(Math.abs(x.factor) / low),
      shiftB: Math.log2(Math.abs(y.factor) / low),
      subtract: x.factor < 0 === y.factor < 0 ? 'none' : x.factor < 0 ? 'a' : 'b',
    },
    known === undefined ? undefined : divided(known, negative ? -low : low),
  )
  const sum = linearNode(builder, node)
  return offsetLinear(scaleLinear(sum, negative ? -low : low), offset)
}

function divided({ min, max, step }: Range, divisor: number): Range {
  const ends = [min / divisor, max / divisor]
  return { min: Math.min(...ends), max: Math.max(...ends), step: step / Math.abs(divisor) }
}

/** The node that holds x, with an adder for an offset or a minus sign. */
export function nodeOf(builder: NetlistBuilder, x: Linear): NodeId {
  if (x.node === undefined) return builder.constant(x.offset)
  const shift = Math.log2(Math.abs(x.factor))
  if (x.factor > 0 && x.offset === 0) return builder.add({ kind: 'scale', a: x.node, shift })
  // A factor below 1 stands for known zeros at the end: they go first, then the sum.
  const a = shift < 0 ? builder.add({ kind: 'scale', a: x.node, shift }) : x.node
  const subtract = x.factor < 0 ? 'a' : 'none'
  const b = builder.constant(x.offset)
  return builder.add({ kind: 'add', a, b, shiftA: Math.max(0, shift), shiftB: 0, subtract })
}
