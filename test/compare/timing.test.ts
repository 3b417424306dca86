import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantile } from '../../src/compare/quantile.ts'
import { frameTiming, lastPixelToResult } from '../../src/compare/timing.ts'

describe('quantile', () => {
  it('is a sample with at least that share at or below it, and no smaller one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(0, 0.5, 0.99, 1),
        (samples, q) => {
          const value = quantile(samples, q)!
          expect(samples).toContain(value)
          const share = (limit: number): number => samples.filter((s) => s <= limit).length / samples.length
          expect(share(value)).toBeGreaterThanOrEqual(q - 1e-12)
          const smaller = samples.filter((s) => s < value)
          if (smaller.length > 0) expect(share(Math.max(...smaller))).toBeLessThan(q)
        },
      ),
      { seed: 1 },
    )
  })

  it('is null without samples', () => {
    expect(quantile([], 0.5)).toBeNull()
  })
})

describe('frameTiming', () => {
  it('takes throughput from the latencies, or from the time that was measured', () => {
    expect(frameTiming('model:', [10, 30], 2000)).toEqual({
      address: 'model:',
      framesPerSecond: 50,
      pixelsPerSecond: 50_000,
      latencyMs: { p50: 10, p99: 30 },
    })
    expect(frameTiming('sim:', [10, 30], 2000, 0.01)).toMatchObject({
      framesPerSecond: 200,
      pixelsPerSecond: 200_000,
    })
  })

  it('is null where nothing was measured', () => {
    expect(frameTiming('sim:', [], 0)).toEqual({
      address: 'sim:',
      framesPerSecond: null,
      pixelsPerSecond: null,
      latencyMs: { p50: null, p99: null },
    })
  })
})

describe('lastPixelToResult', () => {
  it('is the whole latency of a host, and the clocks of logic at the stated frequency', () => {
    expect(lastPixelToResult([70, 80], [])).toEqual({ p50Us: 70_000, p99Us: 80_000, clocks: null })
    expect(lastPixelToResult([400, 500], [300, 600])).toEqual({
      p50Us: 10,
      p99Us: 20,
      clocks: { p50: 300, p99: 600, clockHz: 30_000_000 },
    })
    expect(lastPixelToResult([], [])).toBeNull()
  })
})
