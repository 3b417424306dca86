/** What a point costs, all to be small; costs.ts says what each is. */
export type Costs = readonly number[]

/** Whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: Costs, b: Costs): boolean {
  return a.every((cost, i) => cost <= b[i]!) && a.some((cost, i) => cost < b[i]!)
}

/** Pareto's front: for each point whether no other dominates it. Of points with equal costs the first one counts. */
export function frontOf(points: readonly Costs[]): boolean[] {
  return points.map(
    (own, at) =>
      !points.some(
        (other, k) => dominates(other, own) || (k < at && other.every((cost, i) => cost === own[i])),
      ),
  )
}

/**
 * The points that could lie on the front if cost `estimated` were known to a fraction `slack` only: those that would be
 * on it with that cost so much smaller.
 */
export function nearFront(points: readonly Costs[], estimated: number, slack: number): boolean[] {
  return points.map((own) => {
    const hopeful = own.map((cost, i) => (i === estimated ? cost * (1 - slack) : cost))
    return !points.some((other) => other !== own && dominates(other, hopeful))
  })
}
