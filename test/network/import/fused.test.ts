import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import { fusedModel, importNetwork } from '../../../src/network/import/index.ts'
import { compareWithRuntime, integer, integers, mixedScale } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { seeded } from './runtime.ts'

const seeds = fc.integer({ min: 1, max: 1e6 })

describe("the oracle 'fused': arbitrary scales", () => {
  it('dense chains equal ONNX Runtime on the fused model', async () => {
    const classes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        let type: 'int8' | 'uint8' = random() < 0.5 ? 'int8' : 'uint8'
        let size = integer(random, 1, 12)
        let scale = mixedScale(random, 0.005, 0.2)
        let zero = type === 'int8' ? integer(random, -20, 20) : integer(random, 100, 150)
        let x = kit.dequantize(kit.input('x', type, ['N', size]), scale, type, zero)
        const layers = integer(random, 1, 3)
        for (let layer = 0; layer < layers; layer++) {
          const next = integer(random, 1, 9)
          const perOutput = random() < 0.5
          const ws = Array.from({ length: perOutput ? next : 1 }, () => mixedScale(random, 0.001, 0.05))
          const transposed = random() < 0.5
          const weights = kit.weights(
            integers(random, size * next),
            transposed ? [next, size] : [size, next],
            ws,
            transposed ? 0 : 1,
          )
          const s = scale
          const bias = kit.bias(
            integers(random, next, -3000, 3000),
            ws.map((w) => Math.fround(s * w)),
          )
          if (transposed || random() < 0.4)
            x = kit.node('Gemm', [x, weights, bias], transposed ? { transB: 1 } : {})
          else if (random() < 0.5) x = kit.node('Add', [kit.node('MatMul', [x, weights]), bias])
          else x = kit.node('MatMul', [x, weights])
          const last = layer === layers - 1
          if (last && random() < 0.3) {
            kit.output(x, 'float', ['N', next])
            break
          }
          if (random() < 0.5) x = kit.node('Relu', [x])
          if (random() < 0.3) x = kit.node('Clip', [x, kit.float(0.1), kit.float(2)])
          scale = mixedScale(random, 0.005, 0.2)
          zero = type === 'int8' ? integer(random, -20, 20) : integer(random, 100, 150)
          if (random() < 0.3) {
            type = type === 'int8' ? 'uint8' : 'int8'
            zero = type === 'int8' ? integer(random, -20, 20) : integer(random, 100, 150)
          }
          const q = kit.quantize(x, scale, type, zero)
          size = next
          if (last) kit.output(q, type, ['N', size])
          else x = kit.dequantize(q, scale, type, zero)
        }
        const { certificate } = await compareWithRuntime(kit.model(), {
          seed,
          rows: 20,
          options: { oracle: 'fused' },
        })
        for (const one of certificate.perNode) classes.add(one.class)
      }),
      { numRuns: 40, seed: 21 },
    )
    expect([...classes].sort()).toEqual(['A', 'B', 'C'])
  })

  it('convolutions equal QLinearConv', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        const type = random() < 0.5 ? 'int8' : 'uint8'
        const groups = integer(random, 1, 2)
        const channels = groups * integer(random, 1, 2)
        const outputs = groups * integer(random, 1, 3)
        const scale = mixedScale(random, 0.005, 0.2)
        const zero = type === 'int8' ? integer(random, -9, 9) : 128
        const x = kit.dequantize(kit.input('x', type, ['N', channels, 7, 6]), scale, type, zero)
        const ws = Array.from({ length: outputs }, () => mixedScale(random, 0.001, 0.05))
        const weights = kit.weights(
          integers(random, (outputs * channels * 9) / groups),
          [outputs, channels / groups, 3, 3],
          ws,
        )
        const bias = kit.bias(
          integers(random, outputs, -3000, 3000),
          ws.map((w) => Math.fround(scale * w)),
        )
        let y = kit.node('Conv', [x, weights, bias], { group: groups, pads: [1, 1, 1, 1], strides: [2, 1] })
        if (random() < 0.5) y = kit.node('Relu', [y])
        const target = random() < 0.5 ? type : type === 'int8' ? 'uint8' : 'int8'
        kit.output(kit.quantize(y, mixedScale(random, 0.01, 0.3), target, 100), target)
        const { certificate } = await compareWithRuntime(kit.model(), {
          seed,
          rows: 10,
          options: { oracle: 'fused' },
        })
        expect(certificate.oracle).toBe('fused')
      }),
      { numRuns: 25, seed: 22 },
    )
  })

  it('refuses a bias whose scale is not bit for bit input scale times weight scale', () => {
    const kit = new ModelKit()
    const x = kit.dequantize(kit.input('x', 'int8', ['N', 2]), 0.1, 'int8')
    const weights = kit.weights([1, 2, 3, 4], [2, 2], [0.03])
    const exact = Math.fround(Math.fround(0.1) * Math.fround(0.03))
    const bias = kit.bias([5, 6], [Math.fround(exact * (1 + 2 ** -22))])
    kit.output(kit.quantize(kit.node('Gemm', [x, weights, bias]), 0.2, 'int8'), 'int8')
    expect(() => importNetwork(kit.model())).toThrow(/bias has scale .* not input scale times weight scale/)
  })

  it('the fused model of a network with power-of-two scales is the network itself', async () => {
    const kit = new ModelKit()
    const x = kit.dequantize(kit.input('x', 'int8', ['N', 3]), 0.25, 'int8')
    const weights = kit.weights([1, -2, 3, 4, 50, -6], [3, 2], [0.125])
    kit.output(kit.quantize(kit.node('MatMul', [x, weights]), 0.5, 'int8'), 'int8')
    const model = kit.model()
    expect(fusedModel(model).graph.nodes.map(({ operator }) => operator)).toContain('QLinearMatMul')
    const { certificate } = await compareWithRuntime(fusedModel(model), { seed: 3 })
    expect(certificate.class).toBe('A')
  })

  it('the fused model of a random network imports to the same integers', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        const scale = mixedScale(random, 0.01, 0.1)
        let x = kit.dequantize(kit.input('x', 'uint8', ['N', 2, 6, 6]), scale, 'uint8', 120)
        const ws = [
          mixedScale(random, 0.01, 0.1),
          mixedScale(random, 0.01, 0.1),
          mixedScale(random, 0.01, 0.1),
        ]
        const weights = kit.weights(integers(random, 54), [3, 2, 3, 3], ws)
        const bias = kit.bias(
          integers(random, 3, -500, 500),
          ws.map((w) => Math.fround(scale * w)),
        )
        x = kit.node('Relu', [kit.node('Conv', [x, weights, bias], { pads: [1, 1, 1, 1] })])
        x = kit.dequantize(kit.quantize(x, 0.7, 'uint8', 3), 0.7, 'uint8', 3)
        x = kit.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
        if (random() < 0.5) {
          const mean = kit.quantize(
            kit.node('Flatten', [kit.node('GlobalAveragePool', [x])]),
            0.31,
            'uint8',
            5,
          )
          kit.output(mean, 'uint8')
        }
        x = kit.node('Flatten', [x])
        const dense = kit.weights(integers(random, 27 * 4), [4, 27], [0.02])
        const last = kit.bias(integers(random, 4), [Math.fround(Math.fround(0.7) * Math.fround(0.02))])
        x = kit.node('Gemm', [x, dense, last], { transB: 1 })
        kit.output(kit.quantize(x, 1.3, 'uint8', 9), 'uint8')
        const model = kit.model()
        const direct = await compareWithRuntime(model, { seed, options: { oracle: 'fused' } })
        const again = await compareWithRuntime(fusedModel(model), { seed })
        expect(direct.certificate.oracle).toBe('fused')
        const input = Float64Array.from({ length: 72 }, () => integer(random, 0, 255))
        expect(evaluateGraph(again.graph, [input])).toEqual(evaluateGraph(direct.graph, [input]))
      }),
      { numRuns: 10, seed: 23 },
    )
  })
})
