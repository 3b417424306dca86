import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { blockSide, blockWords, regionBlocks } from '../../src/trigger/region-blocks.ts'
import { randomImage } from '../support/images.ts'

describe('regionBlocks', () => {
  it('sets the bits of blocks with active macro-pixels, in rows with one at the middle of the thresholds', () => {
    const [columns, rows] = [134, 9]
    const filtered = new Int32Array(columns * rows).fill(9)
    const set = (x: number, y: number, f: number): number => (filtered[y * columns + x] = f)
    const thresholds = { thresholdLow: 10, thresholdHigh: 31 }
    set(0, 0, 10)
    set(7, 3, 19)
    expect(regionBlocks(filtered, columns, rows, thresholds)).toEqual([])
    set(127, 1, 20)
    set(133, 8, 33)
    expect(regionBlocks(filtered, columns, rows, thresholds)).toEqual([
      { row: 0, words: Uint32Array.of(0x80000003, 0) },
      { row: 2, words: Uint32Array.of(0, 2) },
    ])
  })

  it('equals the definition, block by block', () => {
    const random = new Random(1)
    let lit = 0
    for (let run = 0; run < 60; run++) {
      const [columns, rows] = [1 + random.integer(200), 1 + random.integer(30)]
      const { filtered, settings } = randomImage(random, columns, rows, 0.1 * random.uniform())
      const found = new Map(regionBlocks(filtered, columns, rows, settings).map((b) => [b.row, b.words]))
      for (let row = 0; row * blockSide < rows; row++) {
        const words = new Uint32Array(blockWords(columns))
        let bright = false
        filtered.forEach((f, i) => {
          if (Math.floor(i / columns / blockSide) !== row || f < settings.thresholdLow) return
          const block = Math.floor((i % columns) / blockSide)
          words[Math.floor(block / 32)]! |= 1 << (block % 32)
          bright ||= f >= Math.floor((settings.thresholdLow + settings.thresholdHigh) / 2)
        })
        expect(found.get(row), `row ${row} of ${columns} x ${rows}`).toEqual(bright ? words : undefined)
        lit += Number(bright)
      }
    }
    expect(lit).toBeGreaterThan(50)
  })
})
