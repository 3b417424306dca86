import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auc, efficiencyAtRejection, rocCurve } from '../../src/compare/roc.ts'
import { Random } from '../../src/core/random.ts'

const scores = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 })

describe('auc', () => {
  it('equals the fraction of ordered pairs, ties half, and the area under rocCurve', () => {
    fc.assert(
      fc.property(scores, scores, (signal, background) => {
        let pairs = 0
        for (const s of signal) for (const b of background) pairs += s > b ? 1 : s === b ? 0.5 : 0
        const { value } = auc(signal, background)
        expect(value).toBeCloseTo(pairs / signal.length / background.length, 12)
        let area = 0
        const curve = rocCurve(signal, background)
        for (let i = 1; i < curve.length; i++) {
          const [p, q] = [curve[i - 1]!, curve[i]!]
          area += ((p.efficiency + q.efficiency) / 2) * (q.rejection - p.rejection)
        }
        expect(area).toBeCloseTo(value, 12)
      }),
      { seed: 1 },
    )
  })

  it('has an error that matches the spread of repeated experiments', () => {
    const random = new Random(2)
    const runs = Array.from({ length: 400 }, () => {
      const signal = Array.from({ length: 80 }, () => random.normal() + 1)
      const background = Array.from({ length: 120 }, () => random.normal())
      return auc(signal, background)
    })
    const mean = runs.reduce((sum, run) => sum + run.value, 0) / runs.length
    const spread = Math.sqrt(runs.reduce((sum, run) => sum + (run.value - mean) ** 2, 0) / (runs.length - 1))
    const error = runs.reduce((sum, run) => sum + run.error, 0) / runs.length
    // Two normals one standard deviation apart: Phi(1 / sqrt 2) = 0.7602.
    expect(mean).toBeCloseTo(0.7602, 2)
    expect(error / spread).toBeGreaterThan(0.9)
    expect(error / spread).toBeLessThan(1.1)
  })

  it('refuses empty classes and NaN', () => {
    expect(() => auc([], [1])).toThrow(RangeError)
    expect(() => auc([1], [Number.NaN])).toThrow(RangeError)
  })
})

describe('efficiencyAtRejection', () => {
  it('takes the loosest threshold that rejects enough', () => {
    fc.assert(
      fc.property(
        scores,
        scores,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (signal, background, wanted) => {
          const point = efficiencyAtRejection(signal, background, wanted)
          const at = rocCurve(signal, background).find((p) => p.rejection >= wanted - 1e-12)!
          expect(point.rejection).toBeGreaterThanOrEqual(wanted - 1e-9)
          expect(point.efficiency).toBeCloseTo(at.efficiency, 12)
        },
      ),
      { seed: 3 },
    )
  })

  it('has an error that matches the spread of repeated experiments', () => {
    const random = new Random(4)
    const runs = Array.from({ length: 400 }, () => {
      const signal = Array.from({ length: 300 }, () => random.normal() + 1.5)
      const background = Array.from({ length: 300 }, () => random.normal())
      return efficiencyAtRejection(signal, background, 0.9)
    })
    const mean = runs.reduce((sum, run) => sum + run.efficiency, 0) / runs.length
    const spread = Math.sqrt(runs.reduce((sum, r) => sum + (r.efficiency - mean) ** 2, 0) / (runs.length - 1))
    const error = runs.reduce((sum, run) => sum + run.error, 0) / runs.length
    expect(mean).toBeCloseTo(0.587, 1)
    expect(error / spread).toBeGreaterThan(0.85)
    expect(error / spread).toBeLessThan(1.25)
  })

  it('reaches the ends', () => {
    expect(efficiencyAtRejection([1, 2], [1, 2], 0)).toMatchObject({ efficiency: 1, rejection: 0 })
    expect(efficiencyAtRejection([1, 3], [1, 2], 1)).toMatchObject({ efficiency: 0.5, rejection: 1 })
    expect(() => efficiencyAtRejection([1], [1], 2)).toThrow(RangeError)
  })
})
