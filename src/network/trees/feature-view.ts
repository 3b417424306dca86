/** What one feature's integers mean to the float comparisons of an ensemble. */
export interface FeatureView {
  /** Smallest and largest integer. */
  readonly min: number
  readonly max: number
  /**
   * The sign of (the number that integer q stands for) - limit, as the comparison of the oracle has it. Must not
   * fall when q rises.
   */
  readonly compare: (q: number, limit: number) => number
}

/** A view by the floating-point number that the comparison sees; `real` must not fall. */
export function realView(min: number, max: number, real: (q: number) => number): FeatureView {
  return { min, max, compare: (q, limit) => compareNumbers(real(q), limit) }
}

/**
 * Integers that DequantizeLinear turns into float32: `f32(f32(q - zeroPoint) * scale)`.
 * @param scale a float32 above 0
 */
export function dequantizedView(min: number, max: number, scale: number, zeroPoint = 0): FeatureView {
  return realView(min, max, (q) => Math.fround(Math.fround(q - zeroPoint) * scale))
}

/** Integers that the ensemble reads as they are, cast to float32. */
export function integerView(min: number, max: number): FeatureView {
  return realView(min, max, Math.fround)
}

/**
 * The largest integer of the view whose number is at most `limit` (or, with `strict`, below it); `min - 1`
 * when there is none. Bisection on the comparison itself, so rounding is accounted for exactly.
 */
export function lastAtMost(view: FeatureView, limit: number, strict = false): number {
  let low = view.min - 1
  let high = view.max
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2)
    const sign = view.compare(middle, limit)
    if (strict ? sign < 0 : sign <= 0) low = middle
    else high = middle - 1
  }
  return low
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
