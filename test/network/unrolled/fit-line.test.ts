import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitLine } from '../../../src/network/unrolled/lowering/fit-line.ts'
import { stepsAt } from '../../../src/network/unrolled/lowering/lower-steps.ts'

describe('fitLine', () => {
  it('finds a line for the steps of a line, and what it finds is exact everywhere', () => {
    const line = fc.record({
      multiply: fc.integer({ min: 1, max: 300 }),
      add: fc.integer({ min: -3000, max: 3000 }),
      shift: fc.integer({ min: 4, max: 10 }),
      count: fc.integer({ min: 1, max: 40 }),
      unit: fc.constantFrom(1, 2, -1),
    })
    fc.assert(
      fc.property(line, ({ multiply, add, shift, count, unit }) => {
        fc.pre(multiply <= 2 ** shift)
        const thresholds = Array.from({ length: count }, (_, k) =>
          Math.ceil(((k + 1) * 2 ** shift - add) / multiply),
        )
        const outputs = Array.from({ length: count + 1 }, (_, k) => 7 + k * unit)
        const steps = { thresholds, outputs }
        const found = fitLine(steps, 1)
        expect(found).toBeDefined()
        const { first } = found!
        for (let x = thresholds[0]! - 20; x <= thresholds.at(-1)! + 20; x++) {
          const index = Math.floor((x * found!.multiply + found!.add) / 2 ** found!.shift)
          const y = first + found!.unit * Math.min(count, Math.max(0, index))
          expect(y).toBe(stepsAt(steps, x))
        }
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  it('finds none where steps are uneven', () => {
    expect(fitLine({ thresholds: [0, 1, 50, 51], outputs: [0, 1, 2, 3, 4] }, 1)).toBeUndefined()
    expect(fitLine({ thresholds: [0, 10], outputs: [0, 1, 3] }, 1)).toBeUndefined()
  })
})
