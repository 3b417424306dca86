import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'
import { constantLinear, type Linear, linearNode, nodeOf, offsetLinear, scaleLinear } from './linear.ts'
import { clampLinear } from './rounding.ts'

/** The larger of two. */
export function maxLinear(builder: NetlistBuilder, x: Linear, y: Linear): Linear {
  if (x.node === undefined) return clampLinear(builder, y, x.offset, Number.POSITIVE_INFINITY)
  if (y.node === undefined) return clampLinear(builder, x, y.offset, Number.POSITIVE_INFINITY)
  const [first, second, outer] = comparable(builder, x, y)
  const [a, b] = first < second ? [first, second] : [second, first]
  const condition = builder.add({ kind: 'greater', a, b, orEqual: true })
  return outer(larger(builder, condition, a, b))
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
    const [a, b, outer] = comparable(builder, left.value, right.value)
    const condition = builder.add({ kind: 'greater', a, b, orEqual: !last })
    const { min, max } = builder.range(condition)
    if (min === max) return min === 1 ? left : right
    const places = [left, right].map(({ place }) => nodeOf(builder, place))
    const place = builder.add({ kind: 'select', condition, yes: places[0]!, no: places[1]! })
    return { value: outer(larger(builder, condition, a, b)), place: linearNode(builder, place) }
  }
  return best(values.map((value, k) => ({ value, place: constantLinear(k) }))).place
}

/** Two nodes that compare as x and y do, and what turns the chosen one into the chosen of x and y. */
function comparable(
  builder: NetlistBuilder,
  x: Linear,
  y: Linear,
): [x: NodeId, y: NodeId, outer: (node: NodeId) => Linear] {
  const alike = x.factor > 0 && x.factor === y.factor && x.offset === y.offset
  if (!alike) return [nodeOf(builder, x), nodeOf(builder, y), (node) => linearNode(builder, node)]
  const { factor, offset } = x
  const outer = (node: NodeId): Linear => offsetLinear(scaleLinear(linearNode(builder, node), factor), offset)
  return [x.node!, y.node!, outer]
}

function larger(builder: NetlistBuilder, condition: NodeId, a: NodeId, b: NodeId): NodeId {
  const [x, y] = [builder.range(a), builder.range(b)]
  const known = { min: Math.max(x.min, y.min), max: Math.max(x.max, y.max), step: 1 }
  return builder.add({ kind: 'select', condition, yes: a, no: b }, known)
}
