import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { buildFolded } from '../../../src/network/folded/index.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { randomTensor } from '../streaming/random-layer.ts'
import { fullSpeed, interrupt, type Pace, runModule, simulateModule } from '../streaming/run-module.ts'
import { kinds, randomDense } from './random-dense.ts'

const paces: readonly Pace[] = [
  { source: 0.5, sink: 0 },
  { source: 0, sink: 0.78 },
  { source: 0.39, sink: 0.39 },
  { source: 0, sink: 0.98, between: 3 },
]

describe('buildFolded', () => {
  it('equals evaluateGraph for random layers, tiles and functions at every pace, and keeps latency and interval', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0x7fffffff }), async (seed) => {
        const random = new Random(seed)
        const count = random.integer(3)
        const wanted = Array.from({ length: count }, () => kinds[random.integer(kinds.length)]!)
        const { segment, shape, input } = randomDense(random, wanted)
        const { graph } = segment
        const outputs = graph.values[segment.result]!.shape
        const multipliers = 1 + random.integer(12)
        const outputLanes = random.integer(2) === 0 ? outputs[0]! : 1
        const memory = (['auto', 'bram', 'lut'] as const)[random.integer(3)]!
        const module = buildFolded(segment, { name: 'layer', input, multipliers, outputLanes, memory })
        const dut = await simulateModule(module)
        for (const pace of [fullSpeed, paces[seed % paces.length]!, fullSpeed]) {
          await interrupt(dut, random)
          const tensors = Array.from({ length: 5 }, () => randomTensor(random, segment))
          const run = runModule(dut, module, { input: shape, output: outputs }, tensors, pace, random)
          expect(run.outputs).toEqual(tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]))
          if (pace !== fullSpeed) continue
          expect(run.made[0]! - run.taken[0]!, 'latency').toBe(module.latency)
          expect(run.made[4]! - run.made[3]!, 'interval').toBe(module.interval)
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 30), seed: 1 },
    )
  })
})
