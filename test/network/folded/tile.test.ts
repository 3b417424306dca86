import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseTile, fewestMultipliers } from '../../../src/network/folded/tile.ts'

const size = fc.integer({ min: 1, max: 40 })

describe('chooseTile', () => {
  it('covers the matrix, keeps to the multipliers, and is as fast as any tile of that size', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.integer({ min: 1, max: 100 }),
        (beats, lanes, outputs, multipliers) => {
          const tile = chooseTile(beats, lanes, outputs, multipliers)
          expect(tile.inputs * tile.outputs).toBeLessThanOrEqual(multipliers)
          expect(tile.inputs * tile.slices).toBeGreaterThanOrEqual(lanes)
          expect(tile.outputs * tile.groups).toBeGreaterThanOrEqual(outputs)
          let fastest = Number.POSITIVE_INFINITY
          for (let i = 1; i <= lanes; i++)
            for (let o = 1; o <= outputs && i * o <= multipliers; o++)
              fastest = Math.min(fastest, beats * Math.ceil(lanes / i) * Math.ceil(outputs / o))
          expect(tile.clocks).toBe(fastest)
        },
      ),
      { seed: 1 },
    )
  })
})

describe('fewestMultipliers', () => {
  it('is enough, and one less is not', () => {
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 1, max: 3000 }), (beats, lanes, outputs, clocks) => {
        const count = fewestMultipliers(beats, lanes, outputs, clocks)
        if (count === undefined) {
          expect(beats).toBeGreaterThan(clocks)
          return
        }
        expect(chooseTile(beats, lanes, outputs, count).clocks).toBeLessThanOrEqual(clocks)
        if (count > 1) expect(chooseTile(beats, lanes, outputs, count - 1).clocks).toBeGreaterThan(clocks)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})
