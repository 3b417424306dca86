import { expect, it } from 'vitest'
import { countTileFound } from '../../bench/physics/tile-efficiency.ts'
import { Detector, geometries } from '../../sim/detector/index.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'

const detector = new Detector(geometries.test256, {}, 41)
const tiles = { size: 64, margin: 16 }
const words = new Uint32Array(256 * 256).fill(pedestalWord(100, 3.3, false))
const variance = (sigma: number): Uint32Array => new Uint32Array(16).fill(16 * sigma * sigma)
const series = (keVee: number) => ({ seed: 5, placement: 'sensor', keVee, first: 0, count: 8 }) as const

it('a tile fires on what raises its deviation above the threshold, and on nothing else', () => {
  const thresholds = [variance(1), variance(5.5), variance(1000)]
  const found = (keVee: number): number[] =>
    countTileFound(detector, words, tiles, thresholds, series(keVee)).map((point) => point.found)
  expect(found(20)).toEqual([8, 8, 0])
  expect(found(0.3)).toEqual([8, 0, 0])
})

it('every tile has its own threshold', () => {
  const deaf = variance(1000)
  const most = countTileFound(detector, words, tiles, [variance(1)], series(20))[0]!.found
  const one = Array.from({ length: 16 }, (_, tile) => deaf.map((v, i) => (i === tile ? 16 : v)))
  const each = countTileFound(detector, words, tiles, one, series(20)).map((point) => point.found)
  expect(Math.max(...each)).toBeLessThan(most)
  expect(each.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(most)
})
