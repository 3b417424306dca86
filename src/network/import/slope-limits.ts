/** From `start` on the result is at least `reached`, at `below` and before it is less. */
export interface Condition {
  readonly start: number
  readonly below: number
  readonly reached: number
}

/**
 * Between these slopes a real line through all conditions exists: every pair of them bounds it. The bounds of
 * all pairs are tangents to convex hulls, so n conditions take n log n steps.
 * @param conditions ascending in every field; `start` and `below` weakly
 */
export function slopeLimits(conditions: readonly Condition[]): {
  readonly low: number
  readonly high: number
} {
  const steepest = new Hull()
  const flattest = new Hull()
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let passed = 0
  for (const { start, below, reached } of conditions) {
    low = Math.max(low, steepest.largestSlopeTo(start, reached))
    steepest.add(below, reached)
    // Only conditions that start before `below` bound from above.
    for (; passed < conditions.length && conditions[passed]!.start < below; passed++)
      flattest.add(conditions[passed]!.start, -conditions[passed]!.reached)
    high = Math.min(high, -flattest.largestSlopeTo(below, -reached))
  }
  return { low, high }
}

/** The lower convex hull of points that come in ascending x. */
class Hull {
  readonly #x: number[] = []
  readonly #y: number[] = []

  add(x: number, y: number): void {
    const [xs, ys] = [this.#x, this.#y]
    // Of several points with one x the lowest counts.
    if (xs.at(-1) === x) {
      if (ys.at(-1)! <= y) return
      xs.pop()
      ys.pop()
    }
    while (
      xs.length > 1 &&
      this.#slope(xs.length - 2, xs.at(-1)!, ys.at(-1)!) >= this.#slope(xs.length - 1, x, y)
    ) {
      xs.pop()
      ys.pop()
    }
    xs.push(x)
    ys.push(y)
  }

  /** The largest slope from any point of the hull to one on its right; -Infinity without points. */
  largestSlopeTo(x: number, y: number): number {
    let low = 0
    let high = this.#x.length - 1
    if (high < 0) return Number.NEGATIVE_INFINITY
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#slope(middle + 1, x, y) >= this.#slope(middle, x, y)) low = middle + 1
      else high = middle
    }
    return this.#slope(low, x, y)
  }

  #slope(from: number, x: number, y: number): number {
    return (y - this.#y[from]!) / (x - this.#x[from]!)
  }
}
