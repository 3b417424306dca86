import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareWithRuntime, integer, integers as list } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { seeded } from './runtime.ts'

describe('QDQ networks with power-of-two scales', () => {
  it('dense chains equal ONNX Runtime, optimised and not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        let size = integer(random, 1, 12)
        let exponent = -integer(random, 0, 7)
        let x = kit.dequantize(kit.input('x', 'int8', ['N', size]), 2 ** exponent, 'int8')
        const layers = integer(random, 1, 3)
        let q = ''
        for (let layer = 0; layer < layers; layer++) {
          const next = integer(random, 1, 9)
          const w = -integer(random, 3, 8)
          const transposed = random() < 0.5
          const weights = kit.weights(list(random, size * next), transposed ? [next, size] : [size, next], [
            2 ** w,
          ])
          const bias = kit.bias(list(random, next, -3000, 3000), [2 ** (exponent + w)])
          x =
            random() < 0.5
              ? kit.node('Gemm', [x, weights, bias], transposed ? { transB: 1 } : {})
              : kit.node('Add', [
                  kit.node('MatMul', [
                    x,
                    transposed ? kit.node('Transpose', [weights], { perm: [1, 0] }) : weights,
                  ]),
                  bias,
                ])
          if (random() < 0.5) x = kit.node('Relu', [x])
          exponent = -integer(random, 0, 6)
          const type = random() < 0.5 ? 'int8' : 'uint8'
          q = kit.quantize(x, 2 ** exponent, type)
          size = next
          if (layer < layers - 1) x = kit.dequantize(q, 2 ** exponent, type)
          else kit.output(q, type, ['N', size])
        }
        const { certificate } = await compareWithRuntime(kit.model(), { seed, optimised: true })
        expect(certificate.class).toBe('A')
        expect(certificate.oracle).toBe('qdq-float')
      }),
      { numRuns: 25, seed: 11 },
    )
  })

  it('convolutions with groups, strides, pads and dilations equal ONNX Runtime', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        const groups = integer(random, 1, 2)
        const channels = groups * integer(random, 1, 2)
        const outputs = groups * integer(random, 1, 3)
        const flat = random() < 0.3
        const size = flat ? [integer(random, 8, 12)] : [integer(random, 8, 9), integer(random, 8, 10)]
        const kernel = size.map(() => integer(random, 1, 3))
        const zero = integer(random, -20, 20)
        let x = kit.dequantize(kit.input('x', 'int8', ['N', channels, ...size]), 2 ** -4, 'int8', zero)
        const per = (channels / groups) * kernel.reduce((a, b) => a * b, 1)
        const weights = kit.weights(
          list(random, outputs * per),
          [outputs, channels / groups, ...kernel],
          Array.from({ length: outputs }, () => 2 ** -integer(random, 4, 7)),
        )
        x = kit.node('Conv', [x, weights], {
          group: groups,
          kernel_shape: kernel,
          strides: size.map(() => integer(random, 1, 2)),
          pads: [...size, ...size].map(() => integer(random, 0, 1)),
          dilations: size.map(() => integer(random, 1, 2)),
        })
        x = kit.node('Relu', [x])
        const pool = integer(random, 0, 3)
        if (pool < 2)
          x = kit.node('MaxPool', [x], { kernel_shape: size.map(() => 2), strides: size.map(() => 1) })
        else if (pool === 2) x = kit.node('AveragePool', [x], { kernel_shape: size.map(() => 2) })
        const q = kit.quantize(x, 2 ** -2, 'uint8', 3)
        kit.output(q, 'uint8')
        await compareWithRuntime(kit.model(), { seed, rows: 8, optimised: true })
      }),
      { numRuns: 30, seed: 12 },
    )
  })
})
