import type { Range, Value } from '../graph/integer-graph.ts'

/** The largest |integer| of a value. */
export function rangeBound(value: Value): number {
  return value.ranges.reduce((bound, range) => Math.max(bound, -range.min, range.max), 0)
}

/** The largest |q + offset| of a range. */
export function magnitude(range: Range, offset: number): number {
  return Math.max(Math.abs(range.min + offset), Math.abs(range.max + offset))
}
