import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { picturesModule, picturesNetwork } from './pictures-network.ts'
import { fullSpeed, runModule, simulateModule } from './run-module.ts'

const size = 128

describe('a convolutional network for 128 x 128 pictures', () => {
  // Pooled pixels come every fourth clock for a row, then pause for three rows.
  it.each([
    {
      title: 'multipliers for the bursts',
      clocks: (size / 4) ** 2 * 4,
      buffer: 0,
      multipliers: 20,
      wait: 0.02,
    },
    {
      title: 'a buffer and a quarter of them',
      clocks: (size / 4) ** 2 * 16,
      buffer: size / 4,
      multipliers: 5,
      wait: 0.06,
    },
  ])('takes one pixel per clock, picture after picture, and is exact, with $title', async (way) => {
    const random = new Random(1)
    const graph = picturesNetwork(random, size, 10)
    const module = picturesModule(graph, way.clocks, way.buffer)
    expect(module.resources.dsps).toBe(way.multipliers)
    const dut = await simulateModule(module)
    const pictures = Array.from({ length: 4 }, () =>
      Float64Array.from({ length: size * size }, () => random.integer(256) - 128),
    )
    const shapes = { input: [1, size, size], output: [10] }
    const run = runModule(dut, module, shapes, pictures, fullSpeed, random)
    expect(run.outputs).toEqual(pictures.map((picture) => evaluateGraph(graph, [picture])[0]))
    const clocks = run.made.slice(1).map((clock, k) => clock - run.made[k]!)
    expect(clocks).toEqual([size * size, size * size, size * size])
    expect(run.taken[3], 'no clock without a pixel').toBe(4 * size * size - 1)
    // Two rows and the pipelines, the dense layer's last results, and what the buffer holds.
    expect(run.made[0]! - run.taken[0]!).toBeLessThan(way.wait * size * size)
  })
})
