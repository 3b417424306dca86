import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import type { ClusterMoments } from '../../src/trigger/cluster.ts'
import { Clustering } from '../../src/trigger/clustering.ts'
import { type BlockRow, regionBlocks } from '../../src/trigger/region-blocks.ts'
import { type Region, regionsOfInterest } from '../../src/trigger/regions.ts'
import { randomImage } from '../support/images.ts'

const inside = ({ x, y, width, height }: Region, u: number, v: number): boolean =>
  u >= x && u < x + width && v >= y && v < y + height
const area = ({ width, height }: Region): number => width * height
const row = (row: number, word: number): BlockRow => ({ row, words: Uint32Array.of(word) })

describe('regionsOfInterest', () => {
  it('leaves small boxes whole and cuts large ones down to their lit blocks', () => {
    const small = { x0: 4, y0: 4, x1: 19, y1: 19 }
    const large = { x0: 0, y0: 0, x1: 23, y1: 11 }
    const blocks = [row(0, 0b00001), row(1, 0b00110), row(2, 0b111000), row(3, 1), row(4, 1)]
    const regions = regionsOfInterest({ binning: 4, clusters: [small, large], blocks }, 128, 128, 0)
    expect(regions).toEqual([
      { x: 16, y: 16, width: 64, height: 64 },
      {
        ...{ x: 0, y: 0, width: 96, height: 48 },
        parts: [
          { x: 0, y: 0, width: 16, height: 16 },
          { x: 16, y: 16, width: 32, height: 16 },
          { x: 48, y: 32, width: 48, height: 16 },
        ],
      },
    ])
  })

  it('counts the whole width of a box where a row of blocks is not in the record', () => {
    const clusters = [{ x0: 2, y0: 0, x1: 41, y1: 7 }]
    const [half] = regionsOfInterest({ binning: 1, clusters, blocks: [row(0, 0b100)] }, 64, 64, 0)
    expect(half!.parts).toEqual([
      { x: 8, y: 0, width: 4, height: 4 },
      { x: 2, y: 4, width: 40, height: 4 },
    ])
    for (const blocks of [[], undefined])
      expect(regionsOfInterest({ binning: 1, clusters, ...(blocks && { blocks }) }, 64, 64, 2)).toEqual([
        { x: 0, y: 0, width: 44, height: 10 },
      ])
  })

  it('covers every active macro-pixel of every cluster with its margin, without overlap of the parts', () => {
    const random = new Random(1)
    let cut = 0
    let saved = 0
    for (let run = 0; run < 80; run++) {
      const [columns, rows] = [20 + random.integer(60), 20 + random.integer(60)]
      const { filtered, macro, settings } = randomImage(random, columns, rows, 0.02 + 0.05 * random.uniform())
      const options = { ...settings, link: 4, minimumPixels: 1 }
      const clusters: ClusterMoments[] = []
      new Clustering().process(macro, filtered, columns, rows, options, (c) => clusters.push({ ...c }))
      const blocks = regionBlocks(filtered, columns, rows, options)
      const margin = random.integer(5)
      const binning = 1 + random.integer(2)
      // A frame smaller than the geometry cuts regions off.
      const [width, height] = [binning * columns - random.integer(5), binning * rows - random.integer(5)]
      const regions = regionsOfInterest({ binning, clusters, blocks }, width, height, margin)
      const boxes = regionsOfInterest({ binning, clusters }, width, height, margin)
      regions.forEach(({ parts, ...region }, i) => {
        expect(region).toEqual(boxes[i])
        if (parts === undefined) return
        cut++
        saved += area(region) - parts.reduce((sum, part) => sum + area(part), 0)
        const { x0, y0, x1, y1 } = clusters[i]!
        const expected = new Uint8Array(width * height)
        for (let y = y0; y <= y1; y++)
          for (let x = x0; x <= x1; x++) {
            if (filtered[y * columns + x]! < options.thresholdLow) continue
            for (let v = (y - margin) * binning; v < (y + margin + 1) * binning; v++)
              for (let u = (x - margin) * binning; u < (x + margin + 1) * binning; u++)
                if (inside(region, u, v)) expected[v * width + u] = 1
          }
        const counts = new Uint8Array(width * height)
        for (const part of parts)
          for (let v = part.y; v < part.y + part.height; v++)
            for (let u = part.x; u < part.x + part.width; u++) {
              counts[v * width + u]! += inside(region, u, v) ? 1 : 2
            }
        expect(counts.every((count) => count < 2)).toBe(true)
        expect(expected.every((wanted, k) => wanted <= counts[k]!)).toBe(true)
      })
    }
    expect(cut).toBeGreaterThan(40)
    expect(saved).toBeGreaterThan(10_000)
  })
})
