import type { Range } from '../graph/integer-graph.ts'
import { functionRange } from '../graph/ranges.ts'
import { applyFunction, clamp, roundQuotient, type ScalarFunction } from '../graph/scalar-function.ts'

/** Whether `f(x) = x` for every x of the range. */
export function isIdentity(f: ScalarFunction, range: Range): boolean {
  if (f.kind === 'affine') return f.multiply === 1 && f.add === 0
  return f.kind === 'round' && f.shift === 0 && f.min <= range.min && f.max >= range.max
}

/**
 * `then(first(x))` as one function, or undefined when there is no simpler form than the two.
 * @param range what x can be
 */
export function composeFunctions(
  first: ScalarFunction,
  then: ScalarFunction,
  range: Range,
): ScalarFunction | undefined {
  if (isIdentity(first, range)) return then
  if (isIdentity(then, functionRange(first, range))) return first
  if (first.kind === 'thresholds' || first.kind === 'table')
    return { ...first, outputs: first.outputs.map((x) => applyFunction(then, x)) }
  if (first.kind === 'affine') return afterAffine(first, then)
  if (then.kind === 'round' && then.shift === 0 && 'min' in first)
    // Both ends of the first clamp go through the second one.
    return { ...first, min: clamp(first.min, then.min, then.max), max: clamp(first.max, then.min, then.max) }
  if (first.kind === 'round' && first.shift === 0 && then.kind === 'round') {
    // Rounding is monotone, so that it may come before the clamp.
    const limit = (x: number): number =>
      clamp(roundQuotient(x, then.shift, then.rounding), then.min, then.max)
    return { ...then, min: limit(first.min), max: limit(first.max) }
  }
  return undefined
}

function afterAffine(
  first: Extract<ScalarFunction, { kind: 'affine' }>,
  then: ScalarFunction,
): ScalarFunction | undefined {
  const { multiply, add } = first
  if (then.kind === 'affine') {
    const composed = { multiply: multiply * then.multiply, add: add * then.multiply + then.add }
    const exact = Number.isSafeInteger(composed.multiply) && Number.isSafeInteger(composed.add)
    return exact ? { kind: 'affine', ...composed } : undefined
  }
  if (then.kind === 'thresholds' && multiply > 0)
    return { ...then, thresholds: then.thresholds.map((t) => Math.ceil((t - add) / multiply)) }
  if (then.kind === 'table' && multiply === 1) return { ...then, first: then.first - add }
  return undefined
}
