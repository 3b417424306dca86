import { describe, expect, it } from 'vitest'
import { classifierTiming } from '../../src/compare/classifier-timing.ts'
import type { DeviceClassifier } from '../../src/device/device.ts'

/** A classifier that takes 1 ms a call, whatever the batch, and says which batches it saw. */
function slow(batches: Set<number>): DeviceClassifier {
  return {
    processor: 'cpu',
    async classify(features, rows) {
      expect(features.length).toBe(9 * rows)
      batches.add(rows)
      await new Promise((resolve) => setTimeout(resolve, 1))
      return new Int16Array(3 * rows)
    },
  }
}

const features = new Int8Array(27).fill(5)

describe('classifierTiming', () => {
  it('finds the batch with most clusters per second', async () => {
    const seen = new Set<number>()
    const timing = await classifierTiming(slow(seen), features, { batches: [1, 1000], seconds: 0.02 })
    expect([...seen]).toEqual([1, 1000])
    expect(timing.bestBatch).toBe(1000)
    expect(timing.batch1LatencyUs.p50).toBeGreaterThan(900)
    expect(timing.batch1LatencyUs.p99).toBeGreaterThanOrEqual(timing.batch1LatencyUs.p50)
    expect(timing.joulesPerCluster).toBeNull()
  })

  it('divides the energy by the clusters of the best batch', async () => {
    let calls = 0
    const classifier = slow(new Set())
    const counting: DeviceClassifier = {
      processor: 'cpu',
      classify: (x, rows) => {
        calls++
        return classifier.classify(x, rows)
      },
    }
    const meter = {
      ...{ description: '', shortest: 0.01 },
      start: async () => {
        const before = calls
        return async () => 4 * (calls - before)
      },
    }
    const options = { batches: [1, 8], seconds: 0.01, meter: { meter } }
    expect((await classifierTiming(counting, features, options)).joulesPerCluster).toBeCloseTo(0.5, 12)
    const broken = { ...meter, start: async () => async () => Number.NaN }
    const none = await classifierTiming(counting, features, { ...options, meter: { meter: broken } })
    expect(none.joulesPerCluster).toBeNull()
  })
  it('stops the meter when the classifier fails', async () => {
    let running = false
    const meter = {
      ...{ description: '', shortest: 0.01 },
      start: async () => {
        running = true
        return async () => {
          running = false
          return 1
        }
      },
    }
    const classifier: DeviceClassifier = {
      processor: 'gpu',
      async classify(_, rows) {
        if (running) throw new Error('device lost')
        return new Int16Array(3 * rows)
      },
    }
    const timing = classifierTiming(classifier, features, { batches: [1], seconds: 0.001, meter: { meter } })
    await expect(timing).rejects.toThrow('device lost')
    expect(running).toBe(false)
  })
})
