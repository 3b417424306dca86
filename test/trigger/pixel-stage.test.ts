import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { binFrame, residual } from '../../src/trigger/pixel-stage.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'
import { randomShot, type Shot } from '../support/shots.ts'

type StageSettings = Pick<TriggerSettings, 'zeroSuppression' | 'clipLow' | 'clipHigh'>

/** The formula, in ADU and sigma as physicists write it; every number is a multiple of 1/256, so exact. */
function formula(pixel: number, word: number, s: StageSettings): { value: number; clipped: boolean } {
  const mean = (word % 1048576) / 16
  const sigma = Math.floor(word / 1048576) / 16
  const excess = pixel - mean
  const masked = sigma === 255.9375
  if (masked || (s.zeroSuppression !== null && excess <= (s.zeroSuppression / 16) * sigma))
    return { value: 0, clipped: false }
  if (excess > s.clipHigh / 16) return { value: s.clipHigh, clipped: true }
  if (excess < -s.clipLow / 16) return { value: -s.clipLow, clipped: false }
  return { value: excess * 16, clipped: false }
}

function binByFormula({ pixels, words, settings }: Shot): { macro: number[]; clipped: number } {
  const { width, height, binning } = settings
  const macro: number[] = []
  let clipped = 0
  for (let y = 0; y < height; y += binning)
    for (let x = 0; x < width; x += binning) {
      let sum = 0
      for (let dy = 0; dy < binning; dy++)
        for (let dx = 0; dx < binning; dx++) {
          const at = (y + dy) * width + x + dx
          const result = formula(pixels[at]!, words[at]!, settings)
          sum += result.value
          clipped += Number(result.clipped)
        }
      macro.push(Math.floor(sum / 16 + 0.5))
    }
  return { macro, clipped }
}

const edge = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(0, 1, max - 1, max), fc.integer({ min: 0, max }))
const stageSettings = fc.record({
  zeroSuppression: fc.oneof(fc.constant(null), edge(255)),
  clipLow: edge(131071),
  clipHigh: edge(131071),
})
const pedestal = fc.tuple(edge(4095), edge(0xfffff)).map(([sigma, mean]) => sigma * 1048576 + mean)

describe('residual', () => {
  it('equals the formula for every kind of pixel', () => {
    fc.assert(
      fc.property(edge(65535), pedestal, stageSettings, (pixel, word, settings) => {
        expect(residual(pixel, word, settings) + 0).toBe(formula(pixel, word, settings).value + 0)
      }),
      { seed: 1, numRuns: 20000 },
    )
  })

  it('equals the formula near each limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 40 }), pedestal, stageSettings, (step, word, s) => {
        const mean = word % 1048576
        const limit = ((s.zeroSuppression ?? 0) * Math.floor(word / 1048576)) / 16
        for (const difference of [limit, s.clipHigh, -s.clipLow, 0]) {
          const pixel = Math.round((mean + difference + step) / 16)
          if (pixel < 0 || pixel > 65535) continue
          expect(residual(pixel, word, s) + 0).toBe(formula(pixel, word, s).value + 0)
        }
      }),
      { seed: 2, numRuns: 3000 },
    )
  })

  it('is 0 for a masked pixel and just 0 at the suppression limit', () => {
    const open = { zeroSuppression: null, clipLow: 131071, clipHigh: 131071 }
    expect(residual(60000, 0xfff00000, open)).toBe(0)
    // 48/16 = 3 sigma of 2 ADU: 6 ADU above the pedestal of 100 is suppressed, 7 is not.
    const word = (32 << 20) | 1600
    expect(residual(106, word, { ...open, zeroSuppression: 48 })).toBe(0)
    expect(residual(107, word, { ...open, zeroSuppression: 48 })).toBe(112)
    expect(residual(90, word, { ...open, zeroSuppression: 0 })).toBe(0)
    expect(residual(90, word, open)).toBe(-160)
  })
})

describe('binFrame', () => {
  it.each([1, 2, 4] as const)(
    'sums the formula over cells of side %i, rounds and counts clips',
    (binning) => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const shot = randomShot(new Random(seed), 0, { columns: 16, rows: 12, binning })
          const { settings, pixels, words } = shot
          const macro = new Int32Array(pixels.length / binning ** 2).fill(-1)
          const clipped = binFrame(pixels, words, settings, macro)
          expect({ macro: [...macro], clipped }).toEqual(binByFormula(shot))
        }),
        { seed: 3, numRuns: 150 },
      )
    },
  )

  it.each([
    ['brightest', 65535, 0, 131071],
    ['darkest', 0, 0xfffff, -131071],
  ])('stays within 18 bits in the %s frame', (_, pixel, word, extreme) => {
    const settings = { width: 8, height: 4, binning: 4, ...limitsOff } as const
    const macro = new Int32Array(2)
    binFrame(new Uint16Array(32).fill(pixel), new Uint32Array(32).fill(word), settings, macro)
    expect([...macro]).toEqual([extreme, extreme])
    expect(Math.abs(extreme)).toBeLessThan(2 ** 17)
  })
})

const limitsOff = {
  zeroSuppression: null,
  clipLow: 131071,
  clipHigh: 131071,
  thresholdLow: 1,
  thresholdHigh: 1,
  minimumPixels: 1,
  tiles: null,
}
