import { describe, expect, it } from 'vitest'
import { weightOrigin } from '../../src/trigger/pixel-stage.ts'
import { limitedWeights, photoelectronWeights } from '../../src/trigger/pixel-weights.ts'
import type { PixelWeights } from '../../src/trigger/settings.ts'

/** Mean of a table over Gaussian noise. */
function noiseMean({ shift, table }: PixelWeights, sigma: number): number {
  let sum = 0
  let norm = 0
  for (let residual = -160; residual <= 160; residual++) {
    const density = Math.exp(-0.5 * (residual / 16 / sigma) ** 2)
    const entry = Math.min(255, Math.max(0, (residual >> shift) + weightOrigin))
    sum += density * table[entry]!
    norm += density
  }
  return sum / norm
}

const at = ({ shift, table }: PixelWeights, adu: number): number =>
  table[Math.min(255, Math.max(0, ((16 * adu) >> shift) + weightOrigin))]!

describe('photoelectronWeights', () => {
  const sigma = 3.3
  const weights = photoelectronWeights(sigma, 4)

  it('rises, uses the whole scale, has no mean over the noise, and stops at four photoelectrons', () => {
    const { table } = weights
    for (let i = 1; i < table.length; i++) expect(table[i]!).toBeGreaterThanOrEqual(table[i - 1]!)
    expect(table[255]).toBe(2047)
    expect(at(weights, 16.5)).toBe(2047)
    expect(at(weights, 13)).toBeLessThan(2047)
    expect(Math.abs(noiseMean(weights, sigma))).toBeLessThan(2)
  })

  it('has the differences of the likelihood ratio', () => {
    const a = 4 / sigma
    const ratio = (adu: number): number => Math.log1p(0.2 * Math.expm1((a * adu) / sigma - (a * a) / 2))
    const measured = (at(weights, 12) - at(weights, 4)) / (at(weights, 8) - at(weights, 0))
    // An entry is a quarter of an ADU wide and stands for its middle.
    expect(measured / ((ratio(12.1) - ratio(4.1)) / (ratio(8.1) - ratio(0.1)))).toBeCloseTo(1, 2)
  })
})

it('leaves the noise in charge where photoelectrons stand clear of it', () => {
  for (const [sigma, photoelectron] of [
    [2.6, 8.98],
    [3.3, 4.2],
    [3.3, 20],
    [3.3, 1000],
  ] as const) {
    const weights = photoelectronWeights(sigma, photoelectron)
    let squares = 0
    let norm = 0
    for (let residual = -80; residual <= 80; residual++) {
      const density = Math.exp(-0.5 * (residual / 8 / sigma) ** 2)
      squares += density * at(weights, residual / 8) ** 2
      norm += density
    }
    // A single pixel of any height is less than 30 sigma of a pixel's weight, of which the filter sums 400.
    expect(2047 / Math.sqrt(squares / norm), `${photoelectron} ADU`).toBeLessThan(30)
  }
})

describe('limitedWeights', () => {
  it('is the residual up to the limit', () => {
    const weights = limitedWeights(3, { limit: 8 })
    expect(at(weights, 40)).toBe(2047)
    expect(at(weights, 12) / at(weights, 6)).toBeCloseTo(2, 1)
    expect(at(weights, -6) / at(weights, 6)).toBeCloseTo(-1, 1)
  })

  it('suppresses what is not above so many sigma', () => {
    const weights = limitedWeights(3, { zeroSuppression: 1 })
    expect(at(weights, -5)).toBe(at(weights, 2.9))
    expect(at(weights, 3.5)).toBeGreaterThan(at(weights, 2.9))
    expect(Math.abs(noiseMean(weights, 3))).toBeLessThan(4)
  })

  it('reaches eight sigma for cameras of any noise', () => {
    for (const sigma of [0.5, 1, 3.3, 10, 40]) {
      const { shift } = limitedWeights(sigma)
      expect((191 * 2 ** shift) / 16, `${sigma} ADU`).toBeGreaterThan(8 * sigma * 0.95)
    }
  })
})
