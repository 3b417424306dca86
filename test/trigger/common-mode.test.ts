import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { removeCommonMode } from '../../src/trigger/common-mode.ts'

const value = fc.oneof(
  fc.integer({ min: -131072, max: 131071 }),
  fc.integer({ min: -100, max: 100 }),
  fc.constantFrom(-131072, 131071),
)

describe('removeCommonMode', () => {
  it('subtracts the mean of what is within the limit, rounded half up', () => {
    const row = Int32Array.of(10, 12, 13, 5000, -5000)
    removeCommonMode(row, 5, 1, 100)
    // (10 + 12 + 13) / 3 = 11.67
    expect([...row]).toEqual([-2, 0, 1, 4988, -5012])
    const half = Int32Array.of(1, 2, -1, -2)
    removeCommonMode(half, 2, 2, 100)
    expect([...half]).toEqual([-1, 0, 0, -1])
  })

  it('is the textbook mean of each row, saturated at 18 bits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 131071 }),
        (rows, limit) => {
          const macro = Int32Array.from(rows.flat())
          removeCommonMode(macro, 7, rows.length, limit)
          const expected = rows.flatMap((row) => {
            const near = row.filter((v) => Math.abs(v) <= limit)
            const mean =
              near.length === 0 ? 0 : Math.floor(near.reduce((a, b) => a + b, 0) / near.length + 0.5)
            return row.map((v) => Math.max(-131072, Math.min(131071, v - mean)))
          })
          expect([...macro]).toEqual(expected)
        },
      ),
      { seed: 1, numRuns: 500 },
    )
  })

  it('takes a drift away and leaves a track that crosses the row', () => {
    const row = Int32Array.from({ length: 100 }, (_, x) => 8 + (x % 3) + (x >= 40 && x < 45 ? 600 : 0))
    removeCommonMode(row, 100, 1, 60)
    expect(row[0]).toBe(-1)
    expect(row[42]).toBe(8 + 600 - 9)
  })
})
