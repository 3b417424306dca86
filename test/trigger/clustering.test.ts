import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import type { ClusterMoments } from '../../src/trigger/cluster.ts'
import { maximumWeight } from '../../src/trigger/cluster.ts'
import { Clustering, type ClusteringCounts } from '../../src/trigger/clustering.ts'
import { type ClusterImage, randomImage, shapeImages } from '../support/images.ts'
import { describeCluster, floodFill } from './flood-fill.ts'

function run(image: ClusterImage, labelBits?: number): { found: string[]; counts: ClusteringCounts } {
  return runAgain(new Clustering(labelBits), image)
}

function runAgain(
  clustering: Clustering,
  image: ClusterImage,
): { found: string[]; counts: ClusteringCounts } {
  const { macro, filtered, columns, rows, settings } = image
  const found: string[] = []
  const counts = clustering.process(macro, filtered, columns, rows, settings, (cluster) =>
    found.push(describeCluster(cluster)),
  )
  return { found, counts }
}

/** The same set of clusters, and counts that add up, as by flood fill. */
function expectFloodFill(image: ClusterImage, { found, counts }: ReturnType<typeof run>): void {
  const { thresholdHigh, minimumPixels } = image.settings
  const all = floodFill(image)
  const kept = all.filter((c) => c.peak >= thresholdHigh && c.pixels >= minimumPixels)
  expect([...found].sort(), image.name).toEqual(kept.map(describeCluster).sort())
  expect(counts, image.name).toEqual({
    active: Number(all.reduce((sum, c) => sum + c.pixels, 0n)),
    kept: kept.length,
    rejected: all.length - kept.length,
    droppedRuns: 0,
  })
}

const images = (columns: number, rows: number): fc.Arbitrary<ClusterImage> =>
  fc
    .tuple(fc.nat(), fc.integer({ min: 1, max: columns }), fc.integer({ min: 1, max: rows }), fc.nat(18))
    .map(([seed, c, r, density]) => randomImage(new Random(seed), c, r, 0.05 + 0.05 * density))

describe('clustering', () => {
  it.each([1, 2, 3, 4].flatMap(shapeImages).map((image) => [image.name, image] as const))(
    'finds the shape %s',
    (_, image) => {
      expectFloodFill(image, run(image))
    },
  )

  it('finds one cluster in each shape that hangs together, also through corners', () => {
    const kept = (link: number): Map<string, number> =>
      new Map(shapeImages(link).map((image) => [image.name.split(',')[0]!, run(image).counts.kept]))
    const clusters = kept(1)
    for (const name of [
      'u',
      'w',
      'comb',
      'combUp',
      'checkerboard',
      'diagonal',
      'antiDiagonal',
      'late',
      'stairs',
    ])
      expect(clusters.get(name), name).toBe(1)
    expect(clusters.get('nestedU')).toBe(2)
    expect(clusters.get('rings')).toBe(3)
    expect(clusters.get('rowWrap')).toBe(4)
    expect(clusters.get('isolatedDots')).toBe(15)
    expect(clusters.get('empty')).toBe(0)
    // Gaps of one macro-pixel are no gaps for a link of 2.
    for (const name of ['nestedU', 'rings', 'isolatedDots']) expect(kept(2).get(name), name).toBe(1)
    expect([2, 3, 4].map((link) => kept(link).get('rowWrap'))).toEqual([2, 2, 2])
  })

  it('puts together what is `link` apart in both directions and nothing farther', () => {
    for (const link of [1, 2, 3, 4])
      for (let dy = 0; dy <= 5; dy++)
        for (let dx = dy === 0 ? 1 : -5; dx <= 5; dx++) {
          const filtered = new Int32Array(11 * 6)
          filtered[5] = 1
          filtered[11 * dy + 5 + dx] = 1
          const settings = { thresholdLow: 1, thresholdHigh: 1, link, minimumPixels: 1 }
          const { kept } = new Clustering().process(filtered, filtered, 11, 6, settings, () => {})
          expect(kept, `${dx}, ${dy} with link ${link}`).toBe(Math.max(Math.abs(dx), dy) <= link ? 1 : 2)
        }
  })

  it('gives the components of a flood fill at densities of 5 to 95 %', () => {
    fc.assert(
      fc.property(images(40, 30), (image) => expectFloodFill(image, run(image))),
      { seed: 1, numRuns: 250 },
    )
  })

  it('keeps nothing from one image to the next', () => {
    fc.assert(
      fc.property(fc.array(images(20, 20), { minLength: 2, maxLength: 4 }), (list) => {
        const clustering = new Clustering()
        for (const image of list) expect(runAgain(clustering, image)).toEqual(run(image))
      }),
      { seed: 2, numRuns: 40 },
    )
  })

  it('reports in the order in which clusters end, lowest label first within a row', () => {
    const image = shapeImages().find(({ name }) => name.startsWith('isolatedDots'))!
    const boxes = run(image).found.map((text) => /x0 (\d+), y0 (\d+)/.exec(text)!.slice(1).map(Number))
    expect(boxes.slice(0, 5)).toEqual([0, 2, 4, 6, 8].map((x) => [x, 0]))
    // The five labels of row 0 come back in row 1; they are behind the unused ones in the queue.
    expect(boxes.slice(5, 10)).toEqual([0, 2, 4, 6, 8].map((x) => [x, 2]))
  })

  it('holds 512 runs in a row of 1024, and 256 open clusters', () => {
    const base = {
      columns: 1024,
      rows: 3,
      settings: { thresholdLow: 1, thresholdHigh: 1, link: 1, minimumPixels: 1 },
    }
    const comb = Int32Array.from({ length: 3072 }, (_, i) => (i >= 2048 || i % 2 === 0 ? 1 : 0))
    const full = run({ ...base, name: 'comb', macro: comb, filtered: comb })
    expect(full.counts).toMatchObject({ active: 2048, droppedRuns: 512 })
    const bars = Int32Array.from({ length: 3072 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    const image = { ...base, name: 'bars', macro: bars, filtered: bars }
    expectFloodFill(image, run(image))
    expect(run(image).counts).toMatchObject({ kept: 256, droppedRuns: 0 })
  })

  it('finds every shape with as few labels as do not overflow', () => {
    const enough = shapeImages().map((image) => {
      for (let labelBits = 0; ; labelBits++) {
        const result = run(image, labelBits)
        if (result.counts.droppedRuns > 0) continue
        expectFloodFill(image, result)
        return [image.name.split(',')[0], labelBits]
      }
    })
    expect(Object.fromEntries(enough)).toMatchObject({
      label: 1,
      nestedU: 2,
      checkerboard: 2,
      isolatedDots: 3,
    })
  })

  it('reuses few labels right away, also those that were merged into another', () => {
    let complete = 0
    fc.assert(
      fc.property(images(12, 40), fc.integer({ min: 1, max: 3 }), (image, labelBits) => {
        const result = run(image, labelBits)
        if (result.counts.droppedRuns > 0) return
        complete++
        expectFloodFill(image, result)
      }),
      { seed: 4, numRuns: 500 },
    )
    expect(complete).toBeGreaterThan(150)
  })

  it('starts labels over in long images', () => {
    const random = new Random(7)
    const drawn = randomImage(random, 24, 1000, 0.15)
    const image = { ...drawn, settings: { ...drawn.settings, link: 1 } }
    const result = run(image)
    expectFloodFill(image, result)
    expect(result.counts.kept + result.counts.rejected).toBeGreaterThan(1000)
  })
})

describe('the moments', () => {
  const n = 1024n
  const w = BigInt(maximumWeight)
  const triangle = (n * (n - 1n)) / 2n
  const squares = ((n - 1n) * n * (2n * n - 1n)) / 6n

  it('of 1024 x 1024 macro-pixels of the largest weight stay below 2 ** 53', () => {
    for (const moment of [w * n * squares, w * triangle * triangle]) expect(moment).toBeLessThan(2n ** 53n)
    expect((w + 1n) * n * squares, 'and the limit is not needlessly low').toBeGreaterThan(2n ** 52n)
  })

  it('of that image are exact', { timeout: 30_000 }, () => {
    const size = 1024 * 1024
    const found: ClusterMoments[] = []
    const macro = new Int32Array(size).fill(131071)
    const filtered = new Int32Array(size).fill(33554431)
    const settings = { thresholdLow: 33554431, thresholdHigh: 33554431, link: 1, minimumPixels: 65535 }
    new Clustering().process(macro, filtered, 1024, 1024, settings, (c) => found.push({ ...c }))
    expect(found.map(describeCluster)).toEqual([
      describeCluster({
        x0: 0n,
        y0: 0n,
        x1: n - 1n,
        y1: n - 1n,
        pixels: n * n,
        sum: 131071n * n * n,
        peak: 33554431n,
        brightest: 131071n,
        w: w * n * n,
        wx: w * n * triangle,
        wy: w * n * triangle,
        wxx: w * n * squares,
        wxy: w * triangle * triangle,
        wyy: w * n * squares,
      }),
    ])
  })
})

describe('label overflow', () => {
  const settings = { thresholdLow: 1, thresholdHigh: 1, link: 1, minimumPixels: 1 }
  const bars = (count: number, rows: number): ClusterImage => {
    const columns = 2 * count
    const filtered = Int32Array.from({ length: columns * rows }, (_, i) => ((i % columns) % 2) ^ 1)
    return { name: `${count} bars`, columns, rows, macro: filtered, filtered, settings }
  }

  it('leaves out the runs without a label, counts each, and keeps the other clusters whole', () => {
    for (const labelBits of [0, 1, 2, 3, 4]) {
      const labels = 2 ** labelBits
      const { found, counts } = run(bars(labels + 5, 6), labelBits)
      expect(counts).toEqual({ active: 6 * (labels + 5), kept: labels, rejected: 0, droppedRuns: 5 * 6 })
      const whole = floodFill(bars(labels + 5, 6)).map(describeCluster)
      expect(found).toEqual(whole.slice(0, labels))
    }
  })

  it('frees a label only at the end of the row in which its cluster ended', () => {
    const { filtered, ...image } = bars(3, 4)
    filtered.fill(0, 6, 12)
    // Row 1 is empty: both labels of row 0 come back there, in time for row 2.
    const { counts, found } = run({ ...image, filtered, macro: filtered }, 1)
    expect(counts).toEqual({ active: 9, kept: 4, rejected: 0, droppedRuns: 1 + 2 })
    expect(found).toHaveLength(4)
  })

  it('spoils no more components than runs were dropped', () => {
    let overflows = 0
    fc.assert(
      fc.property(images(30, 20), fc.integer({ min: 0, max: 4 }), (image, labelBits) => {
        const all = { ...image, settings: { ...image.settings, thresholdHigh: 1, minimumPixels: 1 } }
        const { found, counts } = run(all, labelBits)
        const components = floodFill(all)
        const whole = new Set(components.map(describeCluster))
        const spoilt = components.length - found.filter((text) => whole.has(text)).length
        const reported = found.reduce((sum, text) => sum + Number(/pixels (\d+)/.exec(text)![1]), 0)
        const active = Number(components.reduce((sum, c) => sum + c.pixels, 0n))
        expect(counts.active).toBe(active)
        expect(spoilt).toBeLessThanOrEqual(counts.droppedRuns)
        // Nothing is counted twice; without links each dropped run holds at least one macro-pixel.
        expect(reported).toBeLessThanOrEqual(active - (image.settings.link === 1 ? counts.droppedRuns : 0))
        if (counts.droppedRuns === 0) expect(reported).toBe(active)
        else overflows++
      }),
      { seed: 3, numRuns: 200 },
    )
    expect(overflows).toBeGreaterThan(50)
  })
})
