import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegionMask, regionsOf } from '../../src/compare/regions.ts'
import type { Region } from '../../src/trigger/regions.ts'
import { makeRecord } from './make.ts'

const size = { width: 64, height: 48 }
const box = fc
  .tuple(fc.nat(15), fc.nat(11), fc.nat(15), fc.nat(11))
  .map(([a, b, c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] as const)

describe('regionsOf', () => {
  it('turns inclusive macro-pixel boxes into pixels with a margin', () => {
    const record = makeRecord([{ box: [5, 4, 6, 4] }])
    expect(regionsOf(record, size, 0)).toEqual([{ x: 20, y: 16, width: 8, height: 4 }])
    expect(regionsOf(record, size)).toEqual([{ x: 12, y: 8, width: 24, height: 20 }])
  })

  it('clips to the frame', () => {
    const record = makeRecord([{ box: [0, 0, 0, 0] }, { box: [15, 11, 15, 11] }])
    expect(regionsOf(record, size, 1)).toEqual([
      { x: 0, y: 0, width: 8, height: 8 },
      { x: 56, y: 40, width: 8, height: 8 },
    ])
  })

  it('gives no pixels for a box in the padding of a smaller frame', () => {
    const record = makeRecord([{ box: [14, 3, 15, 4] }])
    const [region] = regionsOf(record, { width: 40, height: 48 }, 1)
    expect(region).toMatchObject({ x: 40, width: 0 })
  })
})

describe('RegionMask', () => {
  it('equals the union by brute force, also when it is used again', () => {
    const mask = new RegionMask(size)
    fc.assert(
      fc.property(
        fc.array(box, { maxLength: 6 }),
        fc.nat(3),
        fc.array(fc.nat(65535), { maxLength: 12 }),
        (boxes, margin, words) => {
          const blocks = words.map((word, row) => ({ row, words: Uint32Array.of(word) }))
          const clusters = boxes.map(([x0, y0, x1, y1]) => ({
            box: [4 * x0, 4 * y0, 4 * x1, 4 * y1] as const,
          }))
          const regions = regionsOf(makeRecord(clusters, { binning: 1, blocks }), size, margin)
          mask.set(regions)
          const rectangles = regions.flatMap((region) => region.parts ?? [region])
          const expected = Array.from({ length: 64 * 48 }, (_, i) =>
            Number(rectangles.some((r) => inside(r, i))),
          )
          expect([...mask.inside]).toEqual(expected)
          expect(mask.area).toBe(expected.reduce((sum, v) => sum + v, 0))
        },
      ),
      { seed: 1, numRuns: 60 },
    )
  })
})

function inside(region: Region, i: number): boolean {
  const [x, y] = [i % 64, Math.floor(i / 64)]
  return x >= region.x && x < region.x + region.width && y >= region.y && y < region.y + region.height
}
