import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'
import {
  constantLinear,
  type Linear,
  linearNode,
  type linearRange,
  nodeOf,
  offsetLinear,
  scaleLinear,
} from './linear.ts'
import { clampLinear } from './rounding.ts'

/** The larger of two. */
export function maxLinear(builder: NetlistBuilder, x: Linear, y: Linear): Linear {
  if (x.node === undefined) return clampLinear(builder, y, x.offset, Number.POSITIVE_INFINITY)
  if (y.node === undefined) return clampLinear(builder, x, y.offset, Number.POSITIVE_INFINITY)
  const alike = x.factor > 0 && x.factor === y.factor && x.offset === y.offset
  if (!alike) return linearNode(builder, maxNode(builder, nodeOf(builder, x), nodeOf(builder, y)))
  const inner = linearNode(builder, maxNode(builder, x.node, y.node))
  return offsetLinear(scaleLinear(inner, x.factor), x.offset)
}

function maxNode(builder: NetlistBuilder, first: NodeId, second: NodeId): NodeId {
  const [a, b] = first < second ? [first, second] : [second, first]
  const condition = builder.add({ kind: 'greater', a, b, orEqual: true })
  const [x, y] = [builder.range(a), builder.range(b)]
  const known = { min: Math.max(x.min, y.min), max: Math.max(x.max, y.max), step: 1 }
  return builder.add({ kind: 'select', condition, yes: a, no: b }, known)
}

/** The place of the largest of `values`; of equals the first, or the last. */
export function argmaxLinear(builder: NetlistBuilder, values: readonly Linear[], last: boolean): Linear {
  interface Candidate {
    readonly value: Linear
    readonly place: Linear
  }
  const best = (candidates: readonly Candidate[]): Candidate => {
    if (candidates.length === 1) return candidates[0]!
    const half = candidates.length >>> 1
    const left = best(candidates.slice(0, half))
    const right = best(candidates.slice(half))
    const [a, b] = comparable(builder, left.value, right.value)
    const condition = builder.add({ kind: 'greater', a, b, orEqual: !last })
    const { min, max } = builder.range(condition)
    if (min === max) return min === 1 ? left : right
    const places = [left, right].map(({ place }) => nodeOf(builder, place))
    const place = builder.add({ kind: 'select', condition, yes: places[0]!, no: places[1]! })
    const value = builder.add({ kind: 'select', condition, yes: a, no: b }, largerRange(builder, a, b))
    return { value: linearNode(builder, value), place: linearNode(builder, place) }
  }
  return best(values.map((value, k) => ({ value, place: constantLinear(k) }))).place
}

/** Two nodes that compare as x and y do: without what both share. */
function comparable(builder: NetlistBuilder, x: Linear, y: Linear): [NodeId, NodeId] {
  return [nodeOf(builder, x), nodeOf(builder, y)]
}

function largerRange(builder: NetlistBuilder, a: NodeId, b: NodeId): ReturnType<typeof linearRange> {
  const [x, y] = [builder.range(a), builder.range(b)]
  return { min: Math.max(x.min, y.min), max: Math.max(x.max, y.max), step: 1 }
}
