import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { medianFilter } from '../../../src/compare/reference/median-filter.ts'
import { filterByNeighbours } from '../../../src/compare/reference/neighbour-filter.ts'
import { rebin } from '../../../src/compare/reference/rebin.ts'
import { noiseMapsFromWords, subtractPedestal } from '../../../src/compare/reference/residual.ts'
import { suppressZeros } from '../../../src/compare/reference/zero-suppression.ts'
import { pedestalWord } from '../../../src/trigger/pedestal-words.ts'

const images = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .array(fc.integer({ min: -5, max: 40 }), { minLength: width * height, maxLength: width * height })
      .map((values) => ({ width, height, image: Float32Array.from(values) })),
  )

function macro(text: string): { columns: number; rows: number; values: Float64Array } {
  const lines = text.trim().split('\n')
  const cells = lines.map((line) => line.trim().split(/\s+/).map(Number))
  return { columns: cells[0]!.length, rows: cells.length, values: Float64Array.from(cells.flat()) }
}

describe('pedestal', () => {
  it('counts a pixel at the upper cut as 0 before the pedestal goes off', () => {
    const residual = subtractPedestal(Uint16Array.of(4999, 5000, 100), Float32Array.of(100, 100, 99.5), 5000)
    expect([...residual]).toEqual([4899, -100, 0.5])
  })

  it('comes from the words of a device, masked pixels without end of noise', () => {
    const words = Uint32Array.of(pedestalWord(100.25, 3.5, false), pedestalWord(2000, 3, true))
    const maps = noiseMapsFromWords(words, 2, 1)
    expect([...maps.mean]).toEqual([100.25, 2000])
    expect([...maps.sigma]).toEqual([3.5, Number.POSITIVE_INFINITY])
  })
})

describe('zero suppression', () => {
  it('keeps what is above the noise of its pixel in the accepted rows', () => {
    const residual = Float32Array.of(2, 2, 2.5, -9, 2.5, 2.5, 9, 9)
    const sigma = Float32Array.of(1, 4, 4, 1, 4, Number.POSITIVE_INFINITY, 1, 1)
    expect([...suppressZeros(residual, sigma, 2, 0.6, [0, 4])]).toEqual([2, 0, 2.5, 0, 2.5, 0, 9, 9])
    expect([...suppressZeros(residual, sigma, 2, 0.6, [1, 3])]).toEqual([0, 0, 2.5, 0, 2.5, 0, 0, 0])
  })
})

describe('median filter of size 2', () => {
  it('is the third smallest of four, reflected at the edges, as in scipy.ndimage', () => {
    fc.assert(
      fc.property(images, ({ width, height, image }) => {
        const filtered = medianFilter(image, width, height)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const [left, up] = [Math.max(0, x - 1), Math.max(0, y - 1)]
            const four = [up * width + left, up * width + x, y * width + left, y * width + x]
            expect(filtered[y * width + x]).toBe(four.map((i) => image[i]!).sort((a, b) => a - b)[2])
          }
      }),
      { seed: 6, numRuns: 100 },
    )
  })
})

describe('rebinning', () => {
  it('is the mean of whole blocks', () => {
    const image = Float32Array.from({ length: 5 * 3 }, (_, i) => i)
    const { columns, rows, values } = rebin(image, 5, 3, 2)
    expect([columns, rows]).toEqual([2, 1])
    expect([...values]).toEqual([(0 + 1 + 5 + 6) / 4, (2 + 3 + 7 + 8) / 4])
  })
})

describe('neighbour filter', () => {
  it('drops a lonely macro-pixel and keeps a group', () => {
    const image = macro(`
      0 0 0 0 0 0 0 0 0
      0 0 0 0 0 0 0 0 0
      0 0 9 0 0 0 0 0 0
      0 0 0 0 0 0 0 0 0
      0 0 0 0 4 5 0 0 0
      0 0 0 0 5 6 0 0 0
      0 0 0 0 0 0 0 0 0
      0 0 0 0 0 0 0 0 0
      0 0 0 0 0 0 0 0 0`)
    const before = image.values.slice()
    filterByNeighbours(image, 1.2)
    before[2 * 9 + 2] = 0
    expect([...image.values]).toEqual([...before])
  })

  it('gives a noisy macro-pixel the mean of its eight neighbours, with those before it already filtered', () => {
    const image = macro(`
      0 0 0 0 0 0 0 0
      0 0 0 0 0 0 0 0
      0 0 20 20 20 20 0 0
      0 0 20 40 40 20 0 0
      0 0 20 20 20 20 0 0
      0 0 0 0 0 0 0 0
      0 0 0 0 0 0 0 0`)
    filterByNeighbours(image, 1.2)
    const first = (7 * 20 + 40) / 8
    expect([...image.values.slice(3 * 8 + 2, 3 * 8 + 5)]).toEqual([20, first, (7 * 20 + first) / 8])
  })

  it('drops macro-pixels at the edges of the image', () => {
    const image = { columns: 6, rows: 6, values: new Float64Array(36).fill(5) }
    filterByNeighbours(image, 1.2)
    const lit = [...image.values.keys()].filter((i) => image.values[i] !== 0)
    expect(lit).toEqual([14, 15, 20, 21])
  })

  it('leaves nothing of an image that is all edge', () => {
    for (const [columns, rows] of [
      [1, 1],
      [4, 9],
      [9, 4],
      [0, 0],
    ] as const) {
      const image = { columns, rows, values: new Float64Array(columns * rows).fill(50) }
      filterByNeighbours(image, 1)
      expect([...image.values].every((value) => value === 0)).toBe(true)
    }
  })
})
