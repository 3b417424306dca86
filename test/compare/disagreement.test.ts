import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explain, largestDifference } from '../../src/compare/disagreement.ts'

const scores = fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -32768, max: 32767 })))

describe('explain', () => {
  it('calls a step rounding, what the unquantized network says quantization, anything beyond real', () => {
    fc.assert(
      fc.property(scores, scores, scores, (expected, given, unquantized) => {
        const found = explain(expected, given, unquantized)
        expect(found === 'rounding').toBe(largestDifference(expected, given) <= 1)
        const within = given.every((g, k) => {
          const [low, high] = [expected[k]!, unquantized[k]!].sort((p, q) => p - q)
          return g >= low! - 1 && g <= high! + 1
        })
        if (found !== 'rounding') expect(found).toBe(within ? 'quantization' : 'real difference')
      }),
      { seed: 3 },
    )
    expect(explain([0, 0, 0], [0, 5, 0], [0, 5.6, 0])).toBe('quantization')
    expect(explain([0, 0, 0], [0, 5, 0], [0, -5.6, 0])).toBe('real difference')
  })

  it('knows no quantization without the unquantized network', () => {
    expect(explain([0, 0, 0], [0, 0, 1], null)).toBe('rounding')
    expect(explain([0, 0, 0], [0, 0, 2], null)).toBe('real difference')
  })
})
