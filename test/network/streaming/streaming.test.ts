import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { buildStreaming } from '../../../src/network/streaming/index.ts'
import { plainKernel } from './plain-kernel.ts'
import { randomStreamingSegment, randomTensor } from './random-layer.ts'
import { fullSpeed, type Pace, runModule, simulateModule } from './run-module.ts'

const paces: readonly Pace[] = [
  { source: 128, sink: 0 },
  { source: 0, sink: 128 },
  { source: 100, sink: 100 },
  { source: 0, sink: 0, between: 7 },
  { source: 20, sink: 240, between: 100 },
]

describe('buildStreaming', () => {
  it('equals evaluateGraph for random windows at every pace, and keeps its latency and interval', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0x7fffffff }), async (seed) => {
        const random = new Random(seed)
        const segment = randomStreamingSegment(random)
        const { graph } = segment
        const shapes = {
          input: graph.values[segment.source]!.shape,
          output: graph.values[segment.result]!.shape,
        }
        const module = buildStreaming(segment, { name: 'layer', kernel: plainKernel })
        const simulation = await simulateModule(module)
        for (const pace of [fullSpeed, paces[seed % paces.length]!, fullSpeed]) {
          const tensors = Array.from({ length: 4 }, () => randomTensor(random, segment))
          const run = runModule(simulation, module, shapes, tensors, pace, random)
          expect(run.outputs).toEqual(tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]))
          if (pace !== fullSpeed) continue
          const latencies = run.offered.map((clock, t) => clock - run.taken[t]!)
          expect(latencies[0], 'latency').toBe(module.latency)
          expect(run.offered[3]! - run.offered[2]!, 'interval').toBe(module.interval)
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 60), seed: 1 },
    )
  })
})
