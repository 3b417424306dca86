/** One working point: keep everything whose score is at least `threshold`. */
export interface RocPoint {
  readonly threshold: number
  /** Fraction of the signal that is kept. */
  readonly efficiency: number
  /** Fraction of the background that is not. */
  readonly rejection: number
}

/** A number with its standard error. */
export interface Measured {
  readonly value: number
  readonly error: number
}

/** Efficiency at a background rejection. */
export interface WorkingPoint extends RocPoint {
  /** Standard error of the efficiency: its own counts, and the threshold's from the background counts. */
  readonly error: number
  /** Standard error of the rejection at this threshold. */
  readonly rejectionError: number
}

function checked(signal: ArrayLike<number>, background: ArrayLike<number>): [Float64Array, Float64Array] {
  if (signal.length === 0 || background.length === 0) throw new RangeError('a class has no events')
  const sorted = [Float64Array.from(signal).sort(), Float64Array.from(background).sort()] as const
  for (const scores of sorted)
    if (Number.isNaN(scores.at(-1)) || Number.isNaN(scores[0]))
      throw new RangeError('a score is not a number')
  return [sorted[0], sorted[1]]
}

/** How many of the ascending `values` are below `limit`, and how many at most `limit`. */
function ranks(values: Float64Array, limit: number): [number, number] {
  const search = (after: boolean): number => {
    let low = 0
    let high = values.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (values[middle]! < limit || (after && values[middle] === limit)) low = middle + 1
      else high = middle
    }
    return low
  }
  return [search(false), search(true)]
}

/**
 * The receiver operating characteristic, one point per distinct score, from "keep all" to "keep nothing"
 * (threshold infinity).
 * @param signal scores, larger means more signal-like
 * @throws RangeError without signal or background, or for NaN
 */
export function rocCurve(signal: ArrayLike<number>, background: ArrayLike<number>): RocPoint[] {
  const [s, b] = checked(signal, background)
  const thresholds = [...new Set([...s, ...b])].sort((p, q) => p - q)
  const points = thresholds.map((threshold) => pointAt(s, b, threshold))
  points.push({ threshold: Number.POSITIVE_INFINITY, efficiency: 0, rejection: 1 })
  return points
}

function pointAt(s: Float64Array, b: Float64Array, threshold: number): RocPoint {
  const efficiency = (s.length - ranks(s, threshold)[0]) / s.length
  return { threshold, efficiency, rejection: ranks(b, threshold)[0] / b.length }
}

/**
 * Area under the ROC curve, ties counting half, with DeLong's standard error (doi:10.2307/2531595).
 * @throws RangeError without signal or background, or for NaN
 */
export function auc(signal: ArrayLike<number>, background: ArrayLike<number>): Measured {
  const [s, b] = checked(signal, background)
  const below = (values: Float64Array, x: number): number => {
    const [less, atMost] = ranks(values, x)
    return (less + atMost) / 2 / values.length
  }
  const perSignal = s.map((x) => below(b, x))
  const perBackground = b.map((x) => 1 - below(s, x))
  const value = mean(perSignal)
  return { value, error: Math.sqrt(varianceOfMean(perSignal) + varianceOfMean(perBackground)) }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
}

function varianceOfMean(values: Float64Array): number {
  if (values.length < 2) return 0
  const centre = mean(values)
  return values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1) / values.length
}

/**
 * Signal efficiency at the loosest threshold that rejects at least `rejection` of the background.
 * The threshold comes from the same background counts; their fluctuation is part of the error.
 * @param rejection 0 ... 1
 * @throws RangeError without signal or background, for NaN, or outside the range
 */
export function efficiencyAtRejection(
  signal: ArrayLike<number>,
  background: ArrayLike<number>,
  rejection: number,
): WorkingPoint {
  if (!(rejection >= 0 && rejection <= 1)) throw new RangeError(`rejection ${rejection}`)
  const [s, b] = checked(signal, background)
  const at = (wanted: number): RocPoint => loosest(s, b, Math.min(1, Math.max(0, wanted)))
  const point = at(rejection)
  const rejectionError = Math.sqrt((point.rejection * (1 - point.rejection)) / b.length)
  const own = (point.efficiency * (1 - point.efficiency)) / s.length
  const shift = (at(rejection - rejectionError).efficiency - at(rejection + rejectionError).efficiency) / 2
  return { ...point, error: Math.sqrt(own + shift ** 2), rejectionError }
}

function loosest(s: Float64Array, b: Float64Array, rejection: number): RocPoint {
  const rejected = Math.ceil(rejection * b.length - 1e-9)
  if (rejected === 0) return pointAt(s, b, Number.NEGATIVE_INFINITY)
  // Above the largest score that must go; the next score of either class is the loosest threshold.
  const last = b[rejected - 1]!
  const next = Math.min(s[ranks(s, last)[1]] ?? Infinity, b[ranks(b, last)[1]] ?? Infinity)
  return pointAt(s, b, next)
}
