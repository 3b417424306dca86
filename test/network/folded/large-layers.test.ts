import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { buildFolded } from '../../../src/network/folded/index.ts'
import { evaluateGraph, GraphBuilder } from '../../../src/network/graph/index.ts'
import { randomTensor } from '../streaming/random-layer.ts'
import { fullSpeed, runModule, simulateModule } from '../streaming/run-module.ts'

/** The first layers of public quantized networks: MNIST pictures, keywords, network packets. */
const layers = [
  {
    name: '784 x 64 binary',
    inputs: 784,
    outputs: 64,
    bits: 8,
    lanes: 49,
    weights: [-1, 1],
    levels: 1,
    multipliers: 64,
  },
  {
    name: '490 x 256 of 3 bits',
    inputs: 490,
    outputs: 256,
    bits: 8,
    lanes: 10,
    weights: [-3, -2, -1, 0, 1, 2, 3],
    levels: 7,
    multipliers: 40,
  },
  {
    name: '593 x 64 of 2 bits',
    inputs: 593,
    outputs: 64,
    bits: 1,
    lanes: 593,
    weights: [-1, 0, 1],
    levels: 3,
    multipliers: 37,
  },
] as const

describe('large layers, folded', () => {
  it.each(layers)('$name', async ({ inputs, outputs, bits, lanes, weights, levels, multipliers }) => {
    const random = new Random(1)
    const builder = new GraphBuilder('large')
    const port = { bits, signed: bits > 1, scales: [1], zeroPoint: 0 }
    const source = builder.input({ name: 'x', ...port }, [inputs])
    const numbers = Int32Array.from(
      { length: inputs * outputs },
      () => weights[random.integer(weights.length)]!,
    )
    const bias = Float64Array.from({ length: outputs }, () => random.integer(200) - 100)
    const dense = builder.add('dense', { kind: 'dense', source, weights: numbers, bias })
    const spread = Math.sqrt(inputs) * 2 ** bits
    const functions = Array.from({ length: outputs }, () => ({
      kind: 'thresholds' as const,
      thresholds: Float64Array.from({ length: levels }, () =>
        Math.round((random.integer(1001) / 500 - 1) * spread),
      ).sort(),
      outputs: Float64Array.from({ length: levels + 1 }, (_, k) => k),
    }))
    const result = builder.add('steps', { kind: 'map', source: dense, functions })
    builder.output({ name: 'y', ...port, value: result })
    const graph = builder.build()
    const segment = { graph, source, values: [dense, result], result }
    const input = { beats: Math.ceil(inputs / lanes), lanes, bits, signed: bits > 1 }
    const module = buildFolded(segment, { name: 'large', multipliers, input })
    const dut = await simulateModule(module)
    const tensors = Array.from({ length: 4 }, () => randomTensor(random, segment))
    const shapes = { input: [inputs], output: [outputs] }
    const run = runModule(dut, module, shapes, tensors, fullSpeed, random)
    const expected = tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]!)
    expect(run.outputs).toEqual(expected)
    expect(new Set(expected.flatMap((scores) => [...scores])).size).toBe(levels + 1)
    expect(run.made[3]! - run.made[2]!).toBe(module.interval)
    expect(module.interval).toBeLessThanOrEqual(1.1 * Math.ceil((inputs * outputs) / multipliers))
  })
})
