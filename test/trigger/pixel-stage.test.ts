import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { binFrame, type PixelResidual, residual } from '../../src/trigger/pixel-stage.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'
import { randomShot, randomWeights, type Shot } from '../support/shots.ts'

type StageSettings = Pick<TriggerSettings, 'weights' | 'clipLow' | 'clipHigh'>

/** The formula, in ADU as physicists write it; every number is a multiple of 1/16, so exact. */
function formula(pixel: number, word: number, s: StageSettings): PixelResidual & { clipped: boolean } {
  const excess = pixel - (word % 1048576) / 16
  if (Math.floor(word / 1048576) === 0xfff) return { content: 0, search: 0, clipped: false }
  const clipped = excess > s.clipHigh / 16
  const content = clipped ? s.clipHigh : excess < -s.clipLow / 16 ? -s.clipLow : excess * 16
  if (s.weights === null) return { content, search: content, clipped }
  const entry = Math.floor((excess * 16) / 2 ** s.weights.shift) + 64
  return { content, search: s.weights.table.at(Math.max(0, Math.min(255, entry)))!, clipped }
}

function binByFormula({ pixels, words, settings }: Shot): {
  content: number[]
  search: number[]
  clipped: number
} {
  const { width, height, binning } = settings
  const content: number[] = []
  const search: number[] = []
  let clipped = 0
  for (let y = 0; y < height; y += binning)
    for (let x = 0; x < width; x += binning) {
      let light = 0
      let weighted = 0
      for (let dy = 0; dy < binning; dy++)
        for (let dx = 0; dx < binning; dx++) {
          const at = (y + dy) * width + x + dx
          const result = formula(pixels[at]!, words[at]!, settings)
          light += result.content
          weighted += result.search
          clipped += Number(result.clipped)
        }
      content.push(Math.floor(light / 16 + 0.5))
      search.push(Math.floor(weighted / 16 + 0.5))
    }
  return { content, search, clipped }
}

const edge = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(0, 1, max - 1, max), fc.integer({ min: 0, max }))
const stageSettings = fc.record({
  weights: fc.oneof(
    fc.constant(null),
    fc.nat().map((seed) => randomWeights(new Random(seed))),
  ),
  clipLow: edge(131071),
  clipHigh: edge(131071),
})
const pedestal = fc.tuple(edge(4095), edge(0xfffff)).map(([sigma, mean]) => sigma * 1048576 + mean)

/** -0 is 0. */
const equal = (pixel: number, word: number, settings: StageSettings): void => {
  const { content, search } = residual(pixel, word, settings)
  const { clipped: _, ...wanted } = formula(pixel, word, settings)
  expect({ content: content + 0, search: search + 0 }).toEqual({
    content: wanted.content + 0,
    search: wanted.search + 0,
  })
}

describe('residual', () => {
  it('equals the formula for every kind of pixel', () => {
    fc.assert(fc.property(edge(65535), pedestal, stageSettings, equal), { seed: 1, numRuns: 20000 })
  })

  it('equals the formula near each limit and each end of the weights', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 40 }), pedestal, stageSettings, (step, word, s) => {
        const mean = word % 1048576
        const shift = s.weights?.shift ?? 0
        for (const difference of [s.clipHigh, -s.clipLow, 0, -64 << shift, 191 << shift]) {
          const pixel = Math.round((mean + difference + step) / 16)
          if (pixel >= 0 && pixel <= 65535) equal(pixel, word, s)
        }
      }),
      { seed: 2, numRuns: 3000 },
    )
  })

  it('is 0 for a masked pixel, and in the search what the table says', () => {
    const open = { weights: null, clipLow: 131071, clipHigh: 131071 }
    expect(residual(60000, 0xfff00000, open)).toEqual({ content: 0, search: 0 })
    // 100 ADU of pedestal; a table in steps of 1 ADU that squares what lies above.
    const word = (32 << 20) | 1600
    const table = Int16Array.from({ length: 256 }, (_, i) => Math.min(2047, Math.max(0, i - 64) ** 2))
    const squares = { ...open, weights: { shift: 4, table } }
    expect(residual(106, word, squares)).toEqual({ content: 96, search: 36 })
    expect(residual(90, word, squares)).toEqual({ content: -160, search: 0 })
    expect(residual(90, word, open)).toEqual({ content: -160, search: -160 })
    expect(residual(5000, word, squares).search).toBe(2047)
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
          const content = new Int32Array(pixels.length / binning ** 2).fill(-1)
          const search = new Int32Array(content.length).fill(-1)
          const clipped = binFrame(pixels, words, settings, content, search)
          expect({ content: [...content], search: [...search], clipped }).toEqual(binByFormula(shot))
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
    const content = new Int32Array(2)
    const search = new Int32Array(2)
    binFrame(new Uint16Array(32).fill(pixel), new Uint32Array(32).fill(word), settings, content, search)
    expect([...content, ...search]).toEqual([extreme, extreme, extreme, extreme])
    expect(Math.abs(extreme)).toBeLessThan(2 ** 17)
  })
})

const limitsOff = { weights: null, clipLow: 131071, clipHigh: 131071 }
