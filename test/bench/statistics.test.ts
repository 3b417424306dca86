import { describe, expect, it } from 'vitest'
import type { EfficiencyPoint } from '../../bench/physics/efficiency.ts'
import { rate } from '../../bench/physics/rate.ts'
import { type FrameKept, summarizeScenario } from '../../bench/physics/scenarios.ts'
import { thresholdAtRate } from '../../bench/physics/tail-threshold.ts'
import { energyAt } from '../../bench/physics/threshold-fit.ts'
import { Random } from '../../src/core/random.ts'

const energies = [0.05, 0.07, 0.09, 0.11, 0.13, 0.16, 0.2, 0.24, 0.28, 0.33, 0.4, 0.6, 1, 2]
const logistic = (keVee: number): number => 1 / (1 + Math.exp(-3 * Math.log(keVee / 0.12)))

function drawn(tried: number, seed: number): EfficiencyPoint[] {
  const random = new Random(seed)
  return energies.map((keVee) => {
    const found = Array.from({ length: tried }).filter(() => random.uniform() < logistic(keVee)).length
    return { keVee, found, tried }
  })
}

describe('energyAt', () => {
  it('finds where a known curve reaches an efficiency', () => {
    const points = energies.map((keVee) => ({ keVee, found: 1e5 * logistic(keVee), tried: 1e5 }))
    expect(energyAt(points, 0.5)!.keVee).toBeCloseTo(0.12, 4)
    expect(energyAt(points, 0.9)!.keVee).toBeCloseTo(0.12 * 9 ** (1 / 3), 3)
  })

  it('states errors as large as the scatter of repeated experiments', () => {
    const pulls = Array.from({ length: 200 }, (_, seed) => {
      const { keVee, error } = energyAt(drawn(240, seed), 0.5)!
      return (keVee - 0.12) / error
    })
    const mean = pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length
    const spread = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length)
    expect(Math.abs(mean)).toBeLessThan(0.2)
    expect(spread).toBeGreaterThan(0.85)
    expect(spread).toBeLessThan(1.15)
  })

  it('has no answer where the points do not reach, and none breaks it', () => {
    const flat = (found: number): EfficiencyPoint[] => energies.map((keVee) => ({ keVee, found, tried: 240 }))
    expect(energyAt(flat(0), 0.5)).toBeNull()
    expect(energyAt(flat(240), 0.5)).toBeNull()
    const step = energies.map((keVee) => ({ keVee, found: keVee > 0.3 ? 240 : 0, tried: 240 }))
    expect(energyAt(step, 0.5)!.keVee).toBeGreaterThan(0.28)
    expect(energyAt(step, 0.5)!.keVee).toBeLessThan(0.33)
  })
})

describe('thresholdAtRate', () => {
  it('follows a normal tail', () => {
    const random = new Random(3)
    // 1e5 independent positions per frame, of which only those above 3.5 are kept.
    const frames = 40
    const peaks: number[] = []
    for (let i = 0; i < frames * 1e5; i++) {
      const value = random.normal()
      if (value > 3.5) peaks.push(value)
    }
    // One-sided normal probability of 1e-7 at 5.20.
    expect(thresholdAtRate({ frames, peaks }, 0.01)).toBeGreaterThan(4.9)
    expect(thresholdAtRate({ frames, peaks }, 0.01)).toBeLessThan(5.5)
  })

  it('follows a longer tail as well, without a bias', () => {
    const random = new Random(4)
    // 20 peaks per frame above 4.5 that fall by e every 0.36: one in 100 frames reaches 7.24.
    const frames = 300
    const repeated = Array.from({ length: 10 }, () => {
      const peaks = Array.from({ length: 20 * frames }, () => 4.5 - 0.36 * Math.log(1 - random.uniform()))
      return thresholdAtRate({ frames, peaks }, 0.01)
    })
    const mean = repeated.reduce((sum, threshold) => sum + threshold, 0) / repeated.length
    // A normal tail through the same peaks gives 7.04.
    expect(mean).toBeGreaterThan(7.1)
    expect(mean).toBeLessThan(7.4)
  })

  it('refuses what tells nothing', () => {
    expect(() => thresholdAtRate({ frames: 3, peaks: [5, 5] }, 0.01)).toThrow(/do not tell a threshold/)
  })
})

it.each([
  [0, Math.LN10],
  [1, 3.89],
  [3, 6.681],
  [30, 38.32],
])('a count of %i has its upper limit at %d', (count, limit) => {
  expect(rate(count, 1).upperLimit90).toBeCloseTo(limit, 2)
  expect(rate(count, 300).upperLimit90).toBeCloseTo(limit / 300, 4)
})

it('a scenario weighs light or frames', () => {
  const frame = (light: number, kept: number): FrameKept => ({
    light,
    kept,
    areaDiscarded: 0.9,
    regions: 2,
    falseRegions: 1,
    deposits: light > 0 ? 1 : 0,
    found: kept > 0 ? 1 : 0,
  })
  const frames = [frame(900, 900), frame(100, 0), frame(0, 0)]
  const low = summarizeScenario('lowEnergy', frames)
  expect(low).toMatchObject({
    frames: 3,
    signalKept: 0.9,
    signalKeptFrameMean: 0.5,
    falseRegions: 3,
    found: 1,
  })
  expect(summarizeScenario('busy', frames)).toMatchObject({ signalKept: 0.5, signalKeptLightWeighted: 0.9 })
})
