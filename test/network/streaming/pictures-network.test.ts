import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { picturesModule, picturesNetwork } from './pictures-network.ts'
import { fullSpeed, runModule, simulateModule } from './run-module.ts'

const size = 128

describe('a convolutional network for 128 x 128 pictures', () => {
  it('takes one pixel per clock, picture after picture, and is exact', async () => {
    const random = new Random(1)
    const graph = picturesNetwork(random, size, 10)
    const module = picturesModule(graph, 20)
    const simulation = await simulateModule(module)
    const pictures = Array.from({ length: 4 }, () =>
      Float64Array.from({ length: size * size }, () => random.integer(256) - 128),
    )
    const shapes = { input: [1, size, size], output: [10] }
    const run = runModule(simulation, module, shapes, pictures, fullSpeed, random)
    expect(run.outputs).toEqual(pictures.map((picture) => evaluateGraph(graph, [picture])[0]))
    const clocks = run.offered.slice(1).map((clock, k) => clock - run.offered[k]!)
    expect(clocks).toEqual([size * size, size * size, size * size])
    expect(run.taken[3], 'no clock without a pixel').toBe(4 * size * size - 1)
    // Two blocks of a row and the pipelines, and the dense layer's last results.
    expect(run.offered[0]! - run.taken[0]!).toBeLessThan(0.02 * size * size)
  })
})
