import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { calibrate } from '../../src/trigger/calibrate.ts'
import { filterNoise, liveMacroPixels } from '../../src/trigger/filter-noise.ts'
import { chooseBinning, paddedSide, padPixels } from '../../src/trigger/geometry.ts'
import { filterNoiseGain } from '../../src/trigger/matched-filter.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import { Preprocessor } from '../../src/trigger/preprocessor.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'

const side = 256
const base: TriggerSettings = {
  width: side,
  height: side,
  binning: 4,
  weights: null,
  commonMode: null,
  gains: null,
  link: 1,
  clipLow: 131071,
  clipHigh: 131071,
  thresholdLow: 1,
  thresholdHigh: 1,
  minimumPixels: 1,
  tiles: null,
}
const words = new Uint32Array(side * side).fill(pedestalWord(100, 3, false))

function noise(seed: number, sigma: number): Uint16Array {
  const random = new Random(seed)
  return Uint16Array.from({ length: side * side }, () => Math.round(100 + sigma * random.normal()))
}

const noiseOf = (...frames: Uint16Array[]): ReturnType<typeof filterNoise> =>
  filterNoise(base, words, frames, new Preprocessor(), liveMacroPixels(base, words))

describe('filterNoise', () => {
  it('is what white noise gives: gain 70 on the noise of a macro-pixel', () => {
    const { sigma, offset } = noiseOf(noise(1, 3), noise(2, 3), noise(3, 3))
    // 16 pixels add up; rounding to ADU adds 1/12 each.
    const expected = filterNoiseGain * Math.sqrt(16 * (9 + 1 / 12))
    expect(sigma / expected).toBeGreaterThan(0.95)
    expect(sigma / expected).toBeLessThan(1.05)
    expect(offset).toBe(0)
  })

  it('does not see tracks that cover a quarter of the frame', () => {
    const clean = noise(4, 3)
    const crowded = clean.slice()
    for (let y = 64; y < 192; y++) for (let x = 64; x < 192; x++) crowded[y * side + x]! += 60
    const ratio = noiseOf(crowded).sigma / noiseOf(clean).sigma
    expect(ratio).toBeGreaterThan(0.9)
    expect(ratio).toBeLessThan(1.1)
  })
})

describe('calibrate', () => {
  it('sets thresholds in units of the noise and one tile threshold per tile above its deviation', () => {
    const frames = Array.from({ length: 10 }, (_, i) => noise(10 + i, 3))
    const settings = calibrate({ width: side, height: side, binning: 4 }, words, frames, {
      sigmaLow: 2,
      sigmaHigh: 10,
    })
    expect(settings.thresholdHigh / settings.thresholdLow).toBeCloseTo(5, 1)
    const { size, margin, variance } = settings.tiles!
    expect(variance.length).toBe(Math.ceil(side / size) ** 2)
    expect(size - 2 * margin).toBeGreaterThanOrEqual(8)
    for (const value of variance) {
      expect(value).toBeGreaterThan(16 * 9)
      expect(value).toBeLessThan(16 * 9 * 1.5)
    }
  })

  it('does not take masked pixels for quiet ones', () => {
    const frames = Array.from({ length: 6 }, (_, i) => noise(30 + i, 3))
    const geometry = { width: side, height: side, binning: 4 } as const
    const masked = words.map((word, i) =>
      Math.floor(i / side) >= 128 && Math.floor(i / side) < 232 ? 0xfff00640 : word,
    )
    for (const regionGains of [true, false]) {
      const whole = calibrate(geometry, words, frames, { regionGains })
      const part = calibrate(geometry, masked, frames, { regionGains })
      expect(part.thresholdHigh / whole.thresholdHigh, `gains ${regionGains}`).toBeGreaterThan(0.93)
      expect(part.thresholdHigh / whole.thresholdHigh, `gains ${regionGains}`).toBeLessThan(1.07)
      expect(part.commonMode!.search / whole.commonMode!.search).toBeGreaterThan(0.9)
      // Beside the masked rows the filter reaches into them: a little quieter, not half.
      for (const gain of part.gains?.gain ?? []) {
        expect(gain).toBeGreaterThan(3300)
        expect(gain).toBeLessThan(5200)
      }
    }
  })

  it('needs a frame', () => {
    expect(() => calibrate({ width: side, height: side, binning: 4 }, words, [])).toThrow(
      expect.objectContaining({ code: 'GG_PEDESTAL' }),
    )
  })
})

it('chooses the binning by pixel pitch, else by size', () => {
  expect(chooseBinning(2304, 2304, 0.1502)).toBe(4)
  expect(chooseBinning(256, 256, 0.1502)).toBe(4)
  expect([100, 576, 924, 2048, 4096].map((width) => chooseBinning(width, width))).toEqual([1, 2, 2, 4, 4])
})

it('pads to the right and below', () => {
  expect([1, 4, 5, 925].map((pixels) => paddedSide(pixels, 4))).toEqual([4, 4, 8, 928])
  expect([...padPixels(Uint16Array.of(1, 2, 3, 4), 2, 2, 3, 3)]).toEqual([1, 2, 0, 3, 4, 0, 0, 0, 0])
})
