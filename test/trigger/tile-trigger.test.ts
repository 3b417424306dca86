import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { tileDeviations, tileMasks, tileStatistics } from '../../src/trigger/tile-trigger.ts'
import { randomTiles } from '../support/shots.ts'

interface Tile {
  readonly n: number
  readonly sum: bigint
  readonly squares: bigint
}

interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint16Array
  readonly words: Uint32Array
}

/** Each tile on its own: the pixels from size * k - margin to size * (k + 1) + margin that exist. */
function naive({ width, height, pixels, words }: Picture, size: number, margin: number): Tile[] {
  const tiles: Tile[] = []
  for (let top = 0; top < height; top += size)
    for (let left = 0; left < width; left += size) {
      let n = 0
      let sum = 0n
      let squares = 0n
      for (let y = top - margin; y < top + size + margin; y++)
        for (let x = left - margin; x < left + size + margin; x++) {
          if (x < 0 || y < 0 || x >= width || y >= height) continue
          const word = words[y * width + x]!
          const masked = Math.floor(word / 2 ** 20) === 4095
          const raw = masked ? Math.floor((word % 2 ** 20) / 16) : pixels[y * width + x]!
          const q = BigInt(Math.min(raw, 4095))
          n++
          sum += q
          squares += q * q
        }
      tiles.push({ n, sum, squares })
    }
  return tiles
}

function randomPicture(random: Random): Picture {
  const width = 4 + random.integer(70)
  const height = 4 + random.integer(60)
  const span = random.integer(2) === 0 ? 65536 : 40
  const make = (): number =>
    random.integer(10) === 0 ? 0xfff00000 + random.integer(2 ** 20) : random.uint32()
  return {
    width,
    height,
    pixels: Uint16Array.from({ length: width * height }, () => 90 + random.integer(span)),
    words: Uint32Array.from({ length: width * height }, make),
  }
}

describe('tile statistics', () => {
  it('are the sums over each grown tile, also over partial last ones', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed)
        const picture = randomPicture(random)
        const { width, height, pixels, words } = picture
        const settings = randomTiles(random, width, height, 1000)
        const s = tileStatistics(pixels, words, width, height, settings)
        const expected = naive(picture, settings.size, settings.margin)
        expect([...s.pixels]).toEqual(expected.map((t) => t.n))
        expect([...s.sum]).toEqual(expected.map((t) => Number(t.sum)))
        expect([...s.squares]).toEqual(expected.map((t) => Number(t.squares)))
        expect(s.columns * s.rows).toBe(expected.length)
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  it('give the standard deviation that floating point gives, and masks that agree with it', () => {
    let set = 0
    let all = 0
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed)
        const picture = randomPicture(random)
        const { width, height, pixels, words } = picture
        const settings = randomTiles(random, width, height, random.integer(2) === 0 ? 16777216 : 60000)
        const s = tileStatistics(pixels, words, width, height, settings)
        const masks = tileMasks(s, settings.variance)
        const deviations = tileDeviations(s)
        naive(picture, settings.size, settings.margin).forEach(({ n, sum, squares }, tile) => {
          const variance = Number(squares) / n - (Number(sum) / n) ** 2
          expect(Math.abs(deviations[tile]! ** 2 - variance)).toBeLessThan(
            1e-6 * (1 + variance + (Number(sum) / n) ** 2),
          )
          const threshold = settings.variance[tile]! / 16
          const bit = (masks[Math.floor(tile / s.columns)]! >>> (tile % s.columns)) & 1
          all++
          set += bit
          if (Math.abs(variance - threshold) > 1e-4) expect(bit).toBe(Number(variance > threshold))
        })
        // No bits beyond the last tile.
        if (s.columns < 32) for (const mask of masks) expect(mask >>> s.columns).toBe(0)
      }),
      { seed: 2, numRuns: 60 },
    )
    expect(set).toBeGreaterThan(all / 10)
    expect(set).toBeLessThan((9 * all) / 10)
  })

  it('compare exactly: a variance equal to the threshold does not trigger, one step less does', () => {
    // Half the pixels at 100, half at 104: variance 4 ADU^2 = 64/16.
    const pixels = Uint16Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 100 : 104))
    const s = tileStatistics(pixels, new Uint32Array(256), 16, 16, { size: 16, margin: 4 })
    expect([...tileDeviations(s)]).toEqual([2])
    expect([...tileMasks(s, Uint32Array.of(64))]).toEqual([0])
    expect([...tileMasks(s, Uint32Array.of(63))]).toEqual([1])
  })

  it('set bit 31 of a row of 32 tiles as an unsigned word', () => {
    const width = 512
    const pixels = Uint16Array.from({ length: width * 4 }, (_, i) =>
      i % width >= 496 && i % 2 === 0 ? 900 : 100,
    )
    const s = tileStatistics(pixels, new Uint32Array(width * 4), width, 4, { size: 16, margin: 4 })
    expect(s.columns).toBe(32)
    expect([...tileMasks(s, new Uint32Array(32).fill(100))]).toEqual([0xc0000000])
  })

  it('fit the widths of the logic for the largest tile', () => {
    const n = 384n * 384n
    expect(n * 4095n, 'sum').toBeLessThan(2n ** 30n)
    expect(n * 4095n ** 2n, 'squares').toBeLessThan(2n ** 42n)
    expect(n * n * 4095n ** 2n, 'N sum(q^2)').toBeLessThan(2n ** 60n)
    expect(n * n * 16777215n, 'N^2 threshold').toBeLessThan(2n ** 60n)
  })
})
