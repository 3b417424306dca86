import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { type Condition, slopeLimits } from '../../../src/network/import/slope-limits.ts'

/** The definition: every pair of conditions. */
function limitsByPairs(conditions: readonly Condition[]): { low: number; high: number } {
  let low = 0
  let high = Number.POSITIVE_INFINITY
  conditions.forEach((b, j) => {
    for (const a of conditions.slice(0, j)) {
      const rise = b.reached - a.reached
      low = Math.max(low, rise / (b.start - a.below))
      if (b.below > a.start) high = Math.min(high, rise / (b.below - a.start))
    }
  })
  return { low, high }
}

function randomConditions(random: Random): Condition[] {
  const conditions: Condition[] = []
  const step = 2 ** random.integer(3)
  let start = -random.integer(1000) * step
  let reached = -random.integer(10)
  for (let levels = 1 + random.integer(30); levels > 0; levels--) {
    const below = start + step * random.integer(3)
    start = below + step * (1 + random.integer(3))
    for (let jump = 1 + random.integer(2); jump > 0; jump--)
      conditions.push({ start, below, reached: reached++ })
  }
  return conditions
}

describe('slopeLimits', () => {
  it('is what all pairs say', () => {
    const random = new Random(1)
    for (let i = 0; i < 3000; i++) {
      const conditions = randomConditions(random)
      const [fast, slow] = [slopeLimits(conditions), limitsByPairs(conditions)]
      expect(fast.low).toBeCloseTo(slow.low, 12)
      if (Number.isFinite(slow.high)) expect(fast.high).toBeCloseTo(slow.high, 12)
      else expect(fast.high).toBe(slow.high)
    }
  })
})
