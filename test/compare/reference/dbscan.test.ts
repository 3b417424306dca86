import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dbscan, type WeightedGrid } from '../../../src/compare/reference/dbscan.ts'

/** The definition, point by point against point by point: cores joined until nothing changes. */
function naive({ columns, weights }: WeightedGrid, radius: number, minimumWeight: number): Int32Array {
  const points = [...weights.keys()].filter((i) => weights[i]! > 0)
  const near = (a: number, b: number): boolean =>
    Math.abs((a % columns) - (b % columns)) + Math.abs(Math.floor(a / columns) - Math.floor(b / columns)) <=
    radius
  const weightAround = (a: number): number =>
    points.reduce((sum, b) => sum + (near(a, b) ? weights[b]! : 0), 0)
  const cores = points.filter((a) => weightAround(a) >= minimumWeight)
  const first = new Map(cores.map((core) => [core, core]))
  for (let changed = true; changed; ) {
    changed = false
    for (const a of cores)
      for (const b of cores)
        if (near(a, b) && first.get(b)! < first.get(a)!) {
          first.set(a, first.get(b)!)
          changed = true
        }
  }
  const numbers = [...new Set(first.values())].sort((a, b) => a - b)
  return Int32Array.from(weights, (weight, i) => {
    if (weight === 0) return -1
    const reached = first.has(i) ? [first.get(i)!] : cores.filter((c) => near(c, i)).map((c) => first.get(c)!)
    return reached.length === 0 ? -1 : numbers.indexOf(Math.min(...reached))
  })
}

const grids = fc.integer({ min: 1, max: 12 }).chain((columns) =>
  fc
    .array(
      fc.oneof(
        { arbitrary: fc.constant(0), weight: 3 },
        { arbitrary: fc.integer({ min: 1, max: 9 }), weight: 1 },
      ),
      { minLength: columns, maxLength: 12 * columns },
    )
    .map((cells) => {
      const rows = Math.floor(cells.length / columns)
      return { columns, rows, weights: Int32Array.from(cells.slice(0, rows * columns)) }
    }),
)

describe('DBSCAN on a grid', () => {
  it('labels as the quadratic definition does', () => {
    fc.assert(
      fc.property(
        grids,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (grid, radius, minimum) => {
          const { labels, clusters } = dbscan(grid, radius, minimum)
          const expected = naive(grid, radius, minimum)
          expect([...labels]).toEqual([...expected])
          expect(clusters).toBe(Math.max(-1, ...expected) + 1)
        },
      ),
      { seed: 6, numRuns: 500 },
    )
  })

  it('counts weights, not points, and does not wrap around the edges', () => {
    const weights = Int32Array.of(0, 0, 0, 5, 5, 0, 0, 0)
    const grid = { columns: 4, rows: 2, weights }
    expect(dbscan(grid, 1, 5).clusters).toBe(2)
    expect(dbscan(grid, 1, 6).clusters).toBe(0)
    expect(dbscan(grid, 4, 10).clusters).toBe(1)
  })
})
