import { describe, expect, it } from 'vitest'
import { IdealMatchedFilter } from '../../../src/compare/reference/ideal-matched-filter.ts'
import { regionsAbove } from '../../../src/compare/reference/regions-above.ts'
import { removeRowCommonMode } from '../../../src/compare/reference/row-common-mode.ts'
import { Random } from '../../../src/core/random.ts'

function normals(count: number, sigma: Float32Array | number, seed: number): Float32Array {
  const random = new Random(seed)
  return Float32Array.from(
    { length: count },
    (_, i) => random.normal() * (typeof sigma === 'number' ? sigma : sigma[i]!),
  )
}

function spot(width: number, height: number, x: number, y: number, sigma: number, adu: number): Float32Array {
  const scale = adu / (2 * Math.PI * sigma ** 2)
  return Float32Array.from(
    { length: width * height },
    (_, i) =>
      scale * Math.exp(-(((i % width) - x) ** 2 + (Math.floor(i / width) - y) ** 2) / (2 * sigma ** 2)),
  )
}

/** The filter for noise of 3.3 ADU in all pixels. */
function filterFor(width: number, height: number, sigmaPixels: number): IdealMatchedFilter {
  return new IdealMatchedFilter(width, height, sigmaPixels, new Float32Array(width * height).fill(3.3))
}

/**
 * Regions at or above a high threshold in white noise: the expected Euler characteristic of a smooth normal field
 * (Adler, The Geometry of Random Fields, 1981). Filtered with a Gaussian its slope has variance 1 / (2 sigma^2).
 */
function expectedRegions(side: number, sigmaPixels: number, threshold: number): number {
  const area = (side / sigmaPixels) ** 2 / 2
  const edges = (2 * side) / (Math.SQRT2 * sigmaPixels)
  return Math.exp(-(threshold ** 2) / 2) * ((area * threshold) / (2 * Math.PI) ** 1.5 + edges / (2 * Math.PI))
}

describe('ideal matched filter', () => {
  it('gives a spot S / (2 sqrt(pi) sigma noise) at its place', () => {
    const map = filterFor(97, 83, 4.7).apply(spot(97, 83, 40, 45, 4.7, 1760))
    const [region] = regionsAbove(map, 97, 83, 30)
    expect([region!.x, region!.y]).toEqual([40, 45])
    expect(region!.peak).toBeCloseTo(1760 / (2 * Math.sqrt(Math.PI) * 4.7 * 3.3), 2)
  })

  it('equals the sum over all pixels, with noise of each, sizes that are no multiple of four and masked pixels', () => {
    const [width, height, sigma] = [23, 14, 1.6]
    const noise = normals(width * height, 0.3, 5).map((value) => 2 + Math.abs(value))
    noise[40] = Number.POSITIVE_INFINITY
    const residual = normals(width * height, noise, 6)
    residual[40] = 1e4
    const filter = new IdealMatchedFilter(width, height, sigma, noise)
    const map = filter.apply(residual)
    for (let at = 0; at < map.length; at++) {
      let signal = 0
      let variance = 0
      for (let i = 0; i < residual.length; i++) {
        const dx = (i % width) - (at % width)
        const dy = Math.floor(i / width) - Math.floor(at / width)
        if (Math.max(Math.abs(dx), Math.abs(dy)) > 5) continue
        const g = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
        signal += (g * residual[i]!) / noise[i]! ** 2
        variance += g ** 2 / noise[i]! ** 2
      }
      expect(map[at]).toBeCloseTo(signal / Math.sqrt(variance), 4)
    }
  })

  it('has variance 1 in the dark and as many regions as a smooth normal field must have', () => {
    const side = 512
    const map = filterFor(side, side, 2).apply(normals(side * side, 3.3, 1))
    const mean = map.reduce((sum, value) => sum + value, 0) / map.length
    const variance = map.reduce((sum, value) => sum + (value - mean) ** 2, 0) / map.length
    expect(Math.sqrt(variance)).toBeCloseTo(1, 1)
    const found = regionsAbove(map, side, side, 3).length
    const expected = expectedRegions(side, 2, 3)
    expect(Math.abs(found - expected)).toBeLessThan(3 * Math.sqrt(expected))
  })

  it('refuses a spot without width, noise of another size and noise of 0', () => {
    const noise = new Float32Array(12).fill(1)
    const refused = expect.objectContaining({ code: 'GG_SETTINGS' })
    expect(() => new IdealMatchedFilter(4, 3, 0, noise)).toThrow(refused)
    expect(() => new IdealMatchedFilter(4, 4, 1, noise)).toThrow(refused)
    expect(() => new IdealMatchedFilter(4, 3, 1, new Float32Array(12))).toThrow(refused)
  })
})

describe('row common mode', () => {
  it('removes the mean of every row without the light and the hot pixels in it', () => {
    const [width, height] = [2304, 4]
    const sigma = new Float32Array(width * height).fill(3.3)
    const residual = normals(width * height, 3.3, 2)
    const shifts = [0, 0.5, -2, 1]
    for (let i = 0; i < residual.length; i++) residual[i]! += shifts[Math.floor(i / width)]!
    for (let x = 100; x < 160; x++) residual[width + x]! += 200
    sigma[5] = Number.POSITIVE_INFINITY
    residual[5] = 5000
    removeRowCommonMode(residual, { width, height, sigma })
    for (let y = 0; y < height; y++) {
      const dark = residual.subarray(y * width + 200, (y + 1) * width)
      const mean = dark.reduce((sum, value) => sum + value, 0) / dark.length
      expect(Math.abs(mean)).toBeLessThan((4 * 3.3) / Math.sqrt(dark.length))
    }
    expect(residual[width + 120]).toBeGreaterThan(180)
  })
})

describe('regions above a threshold', () => {
  it('are connected over corners, with peak and box', () => {
    const map = Float32Array.of(0, 5, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6)
    expect(regionsAbove(map, 5, 3, 5)).toEqual([
      { peak: 5, x: 1, y: 0, x0: 1, y0: 0, x1: 1, y1: 0, pixels: 1 },
      { peak: 7, x: 4, y: 0, x0: 4, y0: 0, x1: 4, y1: 0, pixels: 1 },
      { peak: 6, x: 4, y: 2, x0: 4, y0: 2, x1: 4, y1: 2, pixels: 1 },
    ])
    expect(regionsAbove(Float32Array.of(5, 0, 0, 0, 8, 6), 2, 3, 5).map((r) => [r.peak, r.pixels])).toEqual([
      [5, 1],
      [8, 2],
    ])
    expect(regionsAbove(Float32Array.of(0, 5, 6, 0), 2, 2, 5)).toEqual([
      { peak: 6, x: 0, y: 1, x0: 0, y0: 0, x1: 1, y1: 1, pixels: 2 },
    ])
  })
})
