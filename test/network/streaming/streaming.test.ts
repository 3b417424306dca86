import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { buildFolded } from '../../../src/network/folded/index.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { buildStreaming } from '../../../src/network/streaming/index.ts'
import { plainKernel } from './plain-kernel.ts'
import { randomStreamingSegment, randomTensor } from './random-layer.ts'
import { fullSpeed, interrupt, type Pace, runModule, simulateModule } from './run-module.ts'

const paces: readonly Pace[] = [
  { source: 0.5, sink: 0 },
  { source: 0, sink: 0.5 },
  { source: 0.39, sink: 0.39 },
  { source: 0, sink: 0, between: 7 },
  { source: 0.08, sink: 0.94, between: 100 },
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
        const dut = await simulateModule(module)
        for (const pace of [fullSpeed, paces[seed % paces.length]!, fullSpeed]) {
          await interrupt(dut, random)
          const tensors = Array.from({ length: 4 }, () => randomTensor(random, segment))
          const run = runModule(dut, module, shapes, tensors, pace, random)
          expect(run.outputs).toEqual(tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]))
          if (pace !== fullSpeed) continue
          const latencies = run.made.map((clock, t) => clock - run.taken[t]!)
          expect(latencies[0], 'latency').toBe(module.latency)
          expect(run.made[3]! - run.made[2]!, 'interval').toBe(module.interval)
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 30), seed: 1 },
    )
  })

  it('equals evaluateGraph with the kernel it makes by itself', async () => {
    for (let seed = 100; seed < 112; seed++) {
      const random = new Random(seed)
      const segment = randomStreamingSegment(random)
      const { graph } = segment
      const shapes = {
        input: graph.values[segment.source]!.shape,
        output: graph.values[segment.result]!.shape,
      }
      const module = buildStreaming(segment, { name: 'layer', levelsPerStage: 1 + random.integer(4) })
      const dut = await simulateModule(module)
      const tensors = Array.from({ length: 4 }, () => randomTensor(random, segment))
      const run = runModule(dut, module, shapes, tensors, fullSpeed, random)
      expect(run.outputs, `seed ${seed}`).toEqual(tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]))
      expect(run.made[0]! - run.taken[0]!, 'latency').toBe(module.latency)
      expect(run.made[3]! - run.made[2]!, 'interval').toBe(module.interval)
    }
  })

  it('waits for a kernel on few multipliers', async () => {
    let tried = 0
    for (let seed = 0; tried < 6; seed++) {
      const random = new Random(seed)
      const segment = randomStreamingSegment(random)
      const { graph } = segment
      const { operation } = graph.values[segment.values[0]!]!
      if (operation.kind !== 'conv' || operation.groups > 1) continue
      tried++
      const shapes = {
        input: graph.values[segment.source]!.shape,
        output: graph.values[segment.result]!.shape,
      }
      const module = buildStreaming(segment, {
        name: 'layer',
        kernel: (kernel, { name, input }) =>
          buildFolded(kernel, { name, input, multipliers: 1 + (seed % 7) }),
      })
      const dut = await simulateModule(module)
      const tensors = Array.from({ length: 5 }, () => randomTensor(random, segment))
      for (const pace of [fullSpeed, paces[seed % paces.length]!]) {
        const run = runModule(dut, module, shapes, tensors, pace, random)
        expect(run.outputs, `seed ${seed}`).toEqual(
          tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]),
        )
        if (pace === fullSpeed)
          expect(run.made[4]! - run.made[3]!, 'interval').toBeLessThanOrEqual(module.interval)
      }
    }
  })
})
