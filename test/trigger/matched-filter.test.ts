import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { filterGain, filterNoiseGain, matchedFilter } from '../../src/trigger/matched-filter.ts'

const binomial = [1, 4, 6, 4, 1]

/** The two-dimensional convolution as it is defined. */
function convolve(macro: Int32Array, columns: number, rows: number): number[] {
  return Array.from(macro, (_, i) => {
    let sum = 0
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++) {
        const x = (i % columns) + dx
        const y = Math.floor(i / columns) + dy
        if (x < 0 || y < 0 || x >= columns || y >= rows) continue
        sum += binomial[dx + 2]! * binomial[dy + 2]! * macro[y * columns + x]!
      }
    return sum
  })
}

function filter(macro: Int32Array, columns: number, rows: number): Int32Array {
  // Rubbish in both buffers: results must not depend on what was there.
  const filtered = new Int32Array(macro.length).fill(12345)
  matchedFilter(macro, columns, rows, filtered, new Int32Array(macro.length).fill(-999))
  return filtered
}

describe('matchedFilter', () => {
  it('equals the convolution, zeros outside, for images from 1 x 1', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (seed, c, r) => {
          const random = new Random(seed)
          const span = random.integer(2) === 0 ? 1 << 18 : 64
          const macro = Int32Array.from({ length: c * r }, () => random.integer(span) - span / 2)
          expect([...filter(macro, c, r)]).toEqual(convolve(macro, c, r))
        },
      ),
      { seed: 1, numRuns: 300 },
    )
  })

  it('fits 26 bits for the largest contents', () => {
    for (const value of [131071, -131072]) {
      const extreme = filter(new Int32Array(49).fill(value), 7, 7)[24]!
      expect(extreme).toBe(value * filterGain)
      expect(extreme).toBeGreaterThanOrEqual(-(2 ** 25))
      expect(extreme).toBeLessThan(2 ** 25)
    }
  })

  it('has the noise gain that it states', () => {
    const squares = binomial.reduce((sum, v) => sum + v * v, 0)
    expect(squares).toBe(filterNoiseGain)
    const random = new Random(5)
    const macro = Int32Array.from({ length: 200 * 200 }, () => Math.round(100 * random.normal()))
    const filtered = filter(macro, 200, 200)
    let sum = 0
    for (let y = 2; y < 198; y++) for (let x = 2; x < 198; x++) sum += filtered[y * 200 + x]! ** 2
    expect(Math.sqrt(sum / 196 ** 2) / 100 / filterNoiseGain).toBeCloseTo(1, 1)
  })
})
