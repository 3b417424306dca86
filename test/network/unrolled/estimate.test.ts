import { describe, expect, it } from 'vitest'
import { buildUnrolled } from '../../../src/network/unrolled/index.ts'
import { measuredDesigns } from './measured-designs.ts'

describe('estimates', () => {
  it.each(measuredDesigns)('of $name are within 25 % of what Yosys made', ({ segment, luts, ffs }) => {
    const { resources } = buildUnrolled(segment, { name: 'dut' })
    expect(resources.luts / luts).toBeGreaterThan(0.75)
    expect(resources.luts / luts).toBeLessThan(1.25)
    // Yosys moves registers from the address of a small table behind it, where there are more.
    expect(resources.ffs / ffs).toBeGreaterThan(0.6)
    expect(resources.ffs / ffs).toBeLessThan(1.1)
    expect(resources.dsps).toBe(0)
  })

  it('are off by less than 6 % on the whole', () => {
    let estimated = 0
    let real = 0
    for (const { segment, luts } of measuredDesigns) {
      estimated += buildUnrolled(segment, { name: 'dut' }).resources.luts
      real += luts
    }
    expect(Math.abs(estimated / real - 1)).toBeLessThan(0.06)
  })
})
