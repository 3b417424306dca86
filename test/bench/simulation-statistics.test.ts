import { describe, expect, it } from 'vitest'
import { agree, fastest, geometricMean, type TimedRun } from '../../bench/sim/statistics.ts'

const run = (cycles: number, seconds: number, signature = 0): TimedRun => ({ cycles, seconds, signature })

describe('statistics of the simulation benchmark', () => {
  it('the fastest run counts, whatever its length', () => {
    expect(fastest([run(100, 2), run(300, 3), run(50, 1)])).toBe(100)
    expect(fastest([])).toBe(0)
  })

  it('engines agree only if every run has the same cycles and signature', () => {
    const runs = [run(10, 1, 7), run(20, 1, 8)]
    expect(agree(runs, [run(10, 5, 7), run(20, 9, 8)])).toBe(true)
    expect(agree(runs, [run(10, 1, 7), run(20, 1, 9)])).toBe(false)
    expect(agree(runs, [run(10, 1, 7), run(21, 1, 8)])).toBe(false)
    expect(agree(runs, [run(10, 1, 7)])).toBe(false)
  })

  it('the geometric mean weighs a half and a double alike', () => {
    expect(geometricMean([0.5, 2])).toBeCloseTo(1, 12)
    expect(geometricMean([1, 8, 27])).toBeCloseTo(6, 12)
    expect(geometricMean([])).toBeNull()
  })
})
