import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import type { ClusterMoments } from '../../src/trigger/cluster.ts'
import { clusterFeatures, featureCount, featureFormat } from '../../src/trigger/features.ts'
import { type Cell, extremeClusters, momentsOf, randomCells, rectangle } from '../support/clusters.ts'

type Name = (typeof featureFormat)[number]['name']
type Interval = readonly [low: number, high: number]

/** Largest error of log2(). */
const logError = 0.0074

const features = (cluster: ClusterMoments): Int8Array => {
  const out = new Int8Array(featureCount)
  clusterFeatures(cluster, out)
  return out
}

/** Eigenvalues of the covariance plus the variance of a square pixel, in floating point around the mean. */
function variances(cells: readonly Cell[]): [number, number] {
  let w = 0
  let x = 0
  let y = 0
  const weight = ({ adu }: Cell): number => Math.min(Math.max(adu, 0), 16383)
  for (const cell of cells) {
    w += weight(cell)
    x += weight(cell) * cell.x
    y += weight(cell) * cell.y
  }
  let xx = 1 / 12
  let yy = 1 / 12
  let xy = 0
  for (const cell of cells) {
    const share = weight(cell) / w
    xx += share * (cell.x - x / w) ** 2
    yy += share * (cell.y - y / w) ** 2
    xy += share * (cell.x - x / w) * (cell.y - y / w)
  }
  const distance = Math.hypot(xx - yy, 2 * xy)
  return [(xx + yy + distance) / 2, (xx + yy - distance) / 2]
}

/**
 * Where each feature must lie before quantization. Weights and variances are held to 16 bits: that moves a
 * variance by up to 2 ** -15 of the squared extent and of the larger variance, and by one part of w ** 2.
 */
function allowed(cells: readonly Cell[]): Record<Name, Interval> {
  const c = momentsOf(cells)
  const [major, minor] = variances(cells)
  const area = (c.x1 - c.x0 + 1) * (c.y1 - c.y0 + 1)
  const extent = (c.x1 - c.x0 + 1) ** 2 + (c.y1 - c.y0 + 1) ** 2
  const moved = (extent + major) / 32768 + 1 / Math.min(c.w, 32768) ** 2
  const log = (value: number, logs: number, error = 0): Interval => [
    (value - error > 0 ? Math.log2(value - error) : -Infinity) - logs * logError,
    Math.log2(value + error) + logs * logError,
  ]
  const length = log(major, 3, moved)
  const width = log(minor, 3, moved)
  return {
    energy: log(c.sum, 1),
    size: log(c.pixels, 1),
    density: log(c.sum / c.pixels, 2),
    length,
    width,
    // The logarithms of the weight cancel: two are left of six.
    slimness: [width[0] - length[1] + 4 * logError, width[1] - length[0] - 4 * logError],
    peak: log(c.brightest, 1),
    spread: log(c.sum / c.brightest, 2),
    occupancy: log(c.pixels / area, 3),
  }
}

/** The feature as its real value, and the saturated ends as what they stand for. */
function expectInside(cells: readonly Cell[], out: Int8Array): void {
  const intervals = allowed(cells)
  featureFormat.forEach(({ name, centre, fractionBits }, i) => {
    const [low, high] = intervals[name]
    const step = 2 ** -fractionBits
    const value = centre + out[i]! * step
    if (out[i]! > -128) expect(high, `${name} ${out[i]}`).toBeGreaterThanOrEqual(value - step / 2)
    if (out[i]! < 127) expect(low, `${name} ${out[i]}`).toBeLessThanOrEqual(value + step / 2)
  })
}

const bright = fc
  .nat()
  .map((seed) => randomCells(new Random(seed)))
  .filter((cells) => momentsOf(cells).w >= 1000 && momentsOf(cells).sum > 0)

const mirror = (cells: readonly Cell[]): Cell[] => cells.map((c) => ({ ...c, x: 1023 - c.x }))

describe('clusterFeatures', () => {
  it('are the logarithms of sums, sizes and eigenvalues, within the errors of 16-bit moments', () => {
    fc.assert(
      fc.property(bright, (cells) => expectInside(cells, features(momentsOf(cells)))),
      { seed: 1, numRuns: 2500 },
    )
  })

  it('are within a step or two of floating point for compact clusters, where particle identification happens', () => {
    let worst = 0
    fc.assert(
      fc.property(bright, (cells) => {
        const c = momentsOf(cells)
        fc.pre(c.x1 - c.x0 < 24 && c.y1 - c.y0 < 24)
        const [major, minor] = variances(cells)
        const out = features(c)
        worst = Math.max(worst, Math.abs(out[3]! / 16 + 4 - Math.max(-4, Math.log2(major))))
        // Lines of single macro-pixels lie below what the format of the width holds.
        if (Math.abs(out[4]!) < 127) worst = Math.max(worst, Math.abs(out[4]! / 32 + 1 - Math.log2(minor)))
      }),
      { seed: 2, numRuns: 1000 },
    )
    expect(worst).toBeLessThan(0.08)
  })

  it('are the same for the transposed cluster', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const cells = randomCells(new Random(seed))
        const transposed = cells.map(({ x, y, adu }) => ({ x: y, y: x, adu }))
        expect(features(momentsOf(transposed))).toEqual(features(momentsOf(cells)))
      }),
      { seed: 3, numRuns: 1000 },
    )
  })

  it('of the mirrored cluster obey the same errors, and all but the shape are the same', () => {
    fc.assert(
      fc.property(bright, (cells) => {
        const mirrored = features(momentsOf(mirror(cells)))
        expectInside(cells, mirrored)
        const original = features(momentsOf(cells))
        for (const i of [0, 1, 2, 6, 7, 8]) expect(mirrored[i]).toBe(original[i])
      }),
      { seed: 4, numRuns: 1000 },
    )
  })

  it('do not depend on where the cluster is', () => {
    fc.assert(
      fc.property(bright, (cells) => {
        const { x0, y0 } = momentsOf(cells)
        const moved = cells.map((c) => ({ ...c, x: c.x - x0, y: c.y - y0 }))
        expect(features(momentsOf(moved))).toEqual(features(momentsOf(cells)))
      }),
      { seed: 5, numRuns: 1000 },
    )
  })

  it('stay whole numbers of int8 at every extreme', () => {
    // A plain array holds what an Int8Array would wrap or turn from NaN into 0.
    for (const cluster of extremeClusters()) {
      const out: number[] = []
      clusterFeatures(cluster, out as unknown as Int8Array)
      expect(out).toHaveLength(featureCount)
      for (const value of out) {
        expect(Number.isInteger(value)).toBe(true)
        expect(value).toBeGreaterThanOrEqual(-128)
        expect(value).toBeLessThanOrEqual(127)
      }
    }
  })

  it('know the full image, a single macro-pixel and a dark cluster', () => {
    const named = (c: ClusterMoments): Record<string, number> =>
      Object.fromEntries(
        featureFormat.map(({ name, centre, fractionBits }, i) => [
          name,
          centre + features(c)[i]! / 2 ** fractionBits,
        ]),
      )
    const full = named(rectangle(0, 0, 1023, 1023, 128))
    // 2^20 macro-pixels of 2^7 ADU: 27, 20 and 7; size and energy saturate at their formats' ends.
    expect(full).toMatchObject({ energy: 14 + 127 / 16, size: 6 + 127 / 16, density: 7, occupancy: 0 })
    expect(full['slimness']).toBe(-4 + 127 / 32)
    const single = named(rectangle(7, 9, 7, 9, 256))
    expect(single).toMatchObject({ density: 8, peak: 8, occupancy: 0, spread: 0 })
    expect(single['length']! + 3.585).toBeCloseTo(0, 1)
    expect(single['width'], 'log2(1 / 12) is below the format').toBe(1 - 128 / 32)
    expect([...features(rectangle(3, 3, 8, 8, -5))].slice(0, 3)).toEqual([-128, -13, -128])
  })

  it('are written at the offset asked for, and nothing else is', () => {
    const out = new Int8Array(20).fill(77)
    clusterFeatures(rectangle(1, 1, 5, 2, 300), out, 6)
    expect([...out.subarray(6, 15)]).toEqual([...features(rectangle(1, 1, 5, 2, 300))])
    expect([...out.subarray(0, 6), ...out.subarray(15)]).toEqual(new Array(11).fill(77))
  })
})
