import { describe, expect, it } from 'vitest'
import { matchedRoc, type ScoredRecoil } from '../../src/compare/matched.ts'
import { auc } from '../../src/compare/roc.ts'
import { Random } from '../../src/core/random.ts'

/** Recoils with energies between 1 and 40 keV: ln E falls (slope < 0) or rises between the ends. */
function recoils(random: Random, n: number, slope: number, score: (keVee: number) => number): ScoredRecoil[] {
  return Array.from({ length: n }, () => {
    const u = random.uniform()
    const t = slope === 0 ? u : Math.log(1 + u * (Math.exp(slope) - 1)) / slope
    const keVee = Math.exp(t * Math.log(40))
    return { keVee, score: score(keVee) }
  })
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
const spread = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0) / (values.length - 1))

describe('matchedRoc', () => {
  it('gives 0.5 for equal distributions, with an error that matches repeated experiments', () => {
    const random = new Random(1)
    const runs = Array.from({ length: 200 }, () => {
      const score = (): number => random.normal()
      return matchedRoc(recoils(random, 60, 0, score), recoils(random, 80, 0, score))!.auc
    })
    expect(Math.abs(mean(runs.map((r) => r.value)) - 0.5)).toBeLessThan(0.02)
    const ratio = mean(runs.map((r) => r.error)) / spread(runs.map((r) => r.value))
    expect(ratio).toBeGreaterThan(0.85)
    expect(ratio).toBeLessThan(1.3)
  })

  it('has honest errors for a dozen recoils of each class', () => {
    const random = new Random(6)
    const pulls = Array.from({ length: 400 }, () => {
      const score = (): number => random.normal()
      const roc = matchedRoc(recoils(random, 12, 0, score), recoils(random, 12, 0, score))
      return roc === null ? [] : [(roc.auc.value - 0.5) / roc.auc.error]
    }).flat()
    expect(pulls.length).toBeGreaterThan(150)
    expect(spread(pulls)).toBeGreaterThan(0.8)
    expect(spread(pulls)).toBeLessThan(1.25)
    expect(Math.max(...pulls.map(Math.abs))).toBeLessThan(4)
  })

  it('gives 0.5 where the score is energy and the spectra differ', () => {
    const random = new Random(2)
    const score = (keVee: number): number => 10 * Math.log(keVee) + random.normal()
    const nuclear = recoils(random, 1500, 3, score)
    const electron = recoils(random, 1500, -3, score)
    const scores = (list: readonly ScoredRecoil[]): number[] => list.map((r) => r.score)
    // Without matching, energy alone looks like a good classifier.
    expect(auc(scores(nuclear), scores(electron)).value).toBeGreaterThan(0.85)
    const { value, error } = matchedRoc(nuclear, electron)!.auc
    expect(Math.abs(value - 0.5)).toBeLessThan(Math.max(0.03, 2 * error))
  })

  it('is null for lines at different energies, as in the SOSC training set', () => {
    const random = new Random(3)
    const line = (energies: readonly number[]): ScoredRecoil[] =>
      energies.flatMap((keVee) =>
        Array.from({ length: 50 }, () => ({ keVee, score: random.normal() + keVee })),
      )
    expect(matchedRoc(line([1, 6, 20]), line([3, 10, 30]))).toBeNull()
  })

  it('finds a difference that is not energy', () => {
    const random = new Random(4)
    // Two normals one standard deviation apart: Phi(1 / sqrt 2) = 0.7602, at every energy.
    const nuclear = recoils(random, 1500, 2, (keVee) => 5 * Math.log(keVee) + random.normal() + 1)
    const electron = recoils(random, 1500, -2, (keVee) => 5 * Math.log(keVee) + random.normal())
    // Fine bins: inside a wide one the trend of the score with energy adds to its spread.
    const edges = Array.from({ length: 61 }, (_, i) => 40 ** (i / 60))
    const roc = matchedRoc(nuclear, electron, edges)!
    expect(Math.abs(roc.auc.value - 0.7602)).toBeLessThan(3 * roc.auc.error)
  })

  it('draws a curve whose area is the AUC', () => {
    const random = new Random(5)
    const score = (shift: number) => (): number => Math.round(2 * random.normal() + shift)
    const { curve, auc: area } = matchedRoc(
      recoils(random, 40, 0, score(2)),
      recoils(random, 30, 1, score(0)),
    )!
    expect(curve[0]).toMatchObject({ efficiency: 1, rejection: 0 })
    expect(curve.at(-1)!.efficiency).toBeCloseTo(0, 9)
    let sum = 0
    for (let i = 1; i < curve.length; i++) {
      const [p, q] = [curve[i - 1]!, curve[i]!]
      expect(q.rejection).toBeGreaterThanOrEqual(p.rejection)
      expect(q.efficiency).toBeLessThanOrEqual(p.efficiency + 1e-12)
      sum += ((p.efficiency + q.efficiency) / 2) * (q.rejection - p.rejection)
    }
    expect(sum).toBeCloseTo(area.value, 9)
  })

  it('does not claim certainty for a few perfectly separated recoils', () => {
    const many = (score: number): ScoredRecoil[] =>
      Array.from({ length: 6 }, (_, i) => ({ keVee: 5.1 + 0.4 * i, score: score + i }))
    const { value, error } = matchedRoc(many(100), many(0))!.auc
    expect(value).toBeCloseTo(1, 12)
    expect(error).toBeGreaterThan(0.05)
    expect(matchedRoc(many(100).slice(2), many(0))).toBeNull()
  })
})
