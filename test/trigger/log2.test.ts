import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitLength, log2, log2Table } from '../../src/trigger/log2.ts'

const top = 2 ** 53 - 1
const numbers = fc.oneof(
  fc.integer({ min: 1, max: top }),
  // Every magnitude alike, and its neighbours.
  fc
    .tuple(fc.integer({ min: 0, max: 52 }), fc.nat(2 ** 31), fc.integer({ min: -2, max: 2 }))
    .map(([e, m, d]) => Math.min(top, Math.max(1, Math.floor(2 ** e * (1 + m / 2 ** 31)) + d))),
)

describe('bitLength', () => {
  it('is the length of the binary form', () => {
    expect(bitLength(0)).toBe(0)
    fc.assert(
      fc.property(numbers, (n) => {
        expect(bitLength(n)).toBe(n.toString(2).length)
      }),
      { seed: 1, numRuns: 5000 },
    )
  })

  it('is right on both sides of every power of two', () => {
    for (let e = 0; e < 53; e++) {
      expect(bitLength(2 ** e)).toBe(e + 1)
      expect(bitLength(2 ** e - 1)).toBe(e)
    }
  })
})

describe('log2', () => {
  it('is within 0.0074 of the logarithm', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        expect(Math.abs(log2(n) / 256 - Math.log2(n))).toBeLessThan(0.0074)
      }),
      { seed: 2, numRuns: 20000 },
    )
  })

  it('is so up to 2 ** 20 without exception, and never falls', () => {
    let worst = 0
    let last = 0
    let falls = 0
    for (let n = 1; n <= 2 ** 20; n++) {
      const value = log2(n)
      if (value < last) falls++
      last = value
      worst = Math.max(worst, Math.abs(value / 256 - Math.log2(n)))
    }
    expect(falls).toBe(0)
    expect(worst).toBeLessThan(0.0074)
    expect(worst, 'the stated bound is the tight one').toBeGreaterThan(0.0073)
  })

  it('is 0 for 0 and below, by convention', () => {
    for (const value of [0, -1, -(2 ** 40)]) expect(log2(value)).toBe(0)
  })

  it('has a table of the nearest 1/256 in the middle of each interval', () => {
    expect(log2Table).toHaveLength(128)
    log2Table.forEach((value, i) => {
      expect(Math.abs(value / 256 - Math.log2((257 + 2 * i) / 256))).toBeLessThanOrEqual(1 / 512)
    })
  })
})
