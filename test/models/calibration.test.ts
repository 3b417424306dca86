import { describe, expect, it } from 'vitest'
import { calibrationByEnergy, nuclearProbability } from '../../models/training/calibration.ts'
import { Random } from '../../src/core/random.ts'

function claims(n: number, truth: (claimed: number) => number) {
  const random = new Random(5)
  const probability = Float64Array.from({ length: n }, () => random.uniform())
  const labels = Uint8Array.from(probability, (p) => (random.uniform() < truth(p) ? 0 : 1))
  return { data: { features: new Int8Array(9 * n), labels, keVee: new Float32Array(n).fill(8) }, probability }
}

describe('calibration', () => {
  it('finds honest probabilities honest', () => {
    const { data, probability } = claims(20_000, (p) => p)
    const [none, bin] = calibrationByEnergy(data, probability, [1, 6, 10])
    expect(none!.bins).toEqual([])
    expect(none!.error).toBe(0)
    expect(bin!.bins.reduce((sum, { recoils }) => sum + recoils, 0)).toBe(20_000)
    for (const { claimed, nuclear, error } of bin!.bins)
      expect(Math.abs(claimed - nuclear)).toBeLessThan(4 * error)
    expect(bin!.error).toBeLessThan(0.015)
  })

  it('finds bold ones out', () => {
    const { data, probability } = claims(20_000, (p) => 0.5 + (p - 0.5) / 2)
    const [bin] = calibrationByEnergy(data, probability, [6, 10])
    expect(bin!.error).toBeGreaterThan(0.1)
    expect(bin!.bins.at(-1)!.nuclear).toBeLessThan(bin!.bins.at(-1)!.claimed - 0.15)
  })

  it('reads scores as logits', () => {
    expect(nuclearProbability(0)).toBe(0.5)
    expect(nuclearProbability(Math.log(3))).toBeCloseTo(0.75, 12)
    expect(nuclearProbability(-1000)).toBe(0)
  })
})
