import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyScale, compareWithRuntime, integer, integers } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { seeded } from './runtime.ts'

async function forSeeds(
  runs: number,
  body: (random: () => number, seed: number) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), (seed) => body(seeded(seed), seed)),
    { numRuns: runs, seed: runs * 5 },
  )
}

const microsoft = ['com.microsoft']

describe('quantized operators as they stand in a file', () => {
  it('QLinearConv with scales and zero points by channel', async () => {
    await forSeeds(20, async (random, seed) => {
      const kit = new ModelKit()
      const signed = random() < 0.5
      const type = signed ? 'int8' : 'uint8'
      const outputs = integer(random, 1, 4)
      const zero = kit.constant(type, [], [signed ? integer(random, -9, 9) : integer(random, 100, 140)])
      const weights = kit.constant('int8', [outputs, 2, 3, 3], integers(random, outputs * 18))
      const scales = kit.floats(Array.from({ length: outputs }, () => anyScale(random, 0.001, 0.05)))
      const zeros = kit.constant('int8', [outputs], new Array(outputs).fill(0))
      const bias = kit.constant('int32', [outputs], integers(random, outputs, -5000, 5000))
      const y = kit.node(
        'QLinearConv',
        [
          kit.input('x', type, [1, 2, 6, 5]),
          kit.float(anyScale(random, 0.01, 0.1)),
          zero,
          weights,
          scales,
          zeros,
          kit.float(anyScale(random, 0.05, 0.5)),
          zero,
          bias,
        ],
        { pads: [1, 1, 0, 1], strides: [1, 2] },
      )
      kit.output(y, type)
      await compareWithRuntime(kit.model(), { seed })
    })
  })

  it('QLinearMatMul of one and of several rows', async () => {
    await forSeeds(20, async (random, seed) => {
      const kit = new ModelKit()
      const rows = integer(random, 1, 3)
      const outputs = integer(random, 1, 5)
      const y = kit.node('QLinearMatMul', [
        kit.input('x', 'uint8', [rows, 7]),
        kit.float(anyScale(random, 0.01, 0.1)),
        kit.constant('uint8', [], [integer(random, 0, 255)]),
        kit.constant('uint8', [7, outputs], integers(random, 7 * outputs, 0, 255)),
        kit.float(anyScale(random, 0.01, 0.1)),
        kit.constant('uint8', [], [integer(random, 0, 255)]),
        kit.float(anyScale(random, 0.05, 0.5)),
        kit.constant('uint8', [], [integer(random, 0, 255)]),
      ])
      kit.output(y, 'uint8')
      await compareWithRuntime(kit.model(), { seed })
    })
  })

  it('QGemm with and without a quantized result', async () => {
    await forSeeds(20, async (random, seed) => {
      const kit = new ModelKit()
      const outputs = integer(random, 1, 5)
      const transB = integer(random, 0, 1)
      const zero = kit.constant('int8', [], [integer(random, -20, 20)])
      const inputs = [
        kit.input('x', 'int8', [1, 7]),
        kit.float(anyScale(random, 0.01, 0.1)),
        zero,
        kit.constant('int8', transB ? [outputs, 7] : [7, outputs], integers(random, 7 * outputs)),
        kit.float(anyScale(random, 0.01, 0.1)),
        kit.constant('int8', [], [0]),
        kit.constant('int32', [outputs], integers(random, outputs, -5000, 5000)),
      ]
      const quantized = random() < 0.6
      if (quantized) inputs.push(kit.float(anyScale(random, 0.05, 0.5)), zero)
      kit.output(kit.node('QGemm', inputs, { transB }, 'com.microsoft'), quantized ? 'int8' : 'float')
      await compareWithRuntime(kit.model(21, microsoft), { seed })
    })
  })

  it('QLinearAdd with power-of-two scales and any zero points', async () => {
    await forSeeds(20, async (random, seed) => {
      const kit = new ModelKit()
      const zero = () => kit.constant('int8', [], [integer(random, -9, 9)])
      const scale = () => kit.float(2 ** -integer(random, 3, 7))
      const y = kit.node(
        'QLinearAdd',
        [
          kit.input('a', 'int8', [1, 300]),
          scale(),
          zero(),
          kit.input('b', 'int8', [1, 300]),
          scale(),
          zero(),
          scale(),
          zero(),
        ],
        {},
        'com.microsoft',
      )
      kit.output(y, 'int8')
      await compareWithRuntime(kit.model(21, microsoft), { seed })
    })
  })

  it('QLinearGlobalAveragePool', async () => {
    await forSeeds(40, async (random, seed) => {
      const kit = new ModelKit()
      const signed = random() < 0.5
      const type = signed ? 'int8' : 'uint8'
      const zero = () => kit.constant(type, [], [signed ? integer(random, -9, 9) : integer(random, 90, 140)])
      const y = kit.node(
        'QLinearGlobalAveragePool',
        [
          kit.input('x', type, [1, 40, integer(random, 1, 7), integer(random, 1, 7)]),
          kit.float(anyScale(random, 0.01, 0.1)),
          zero(),
          kit.float(anyScale(random, 0.01, 0.1)),
          zero(),
        ],
        {},
        'com.microsoft',
      )
      kit.output(y, type)
      await compareWithRuntime(kit.model(21, microsoft), { seed })
    })
  })

  it('MatMulInteger and ConvInteger, rescaled in float32', async () => {
    await forSeeds(20, async (random, seed) => {
      const kit = new ModelKit()
      const conv = random() < 0.5
      const x = kit.input('x', 'uint8', conv ? [1, 2, 5, 5] : [1, 9])
      const zero = kit.constant('uint8', [], [integer(random, 0, 255)])
      const product = conv
        ? kit.node('ConvInteger', [
            x,
            kit.constant('uint8', [3, 2, 3, 3], integers(random, 54, 0, 255)),
            zero,
            kit.constant('uint8', [], [130]),
          ])
        : kit.node('MatMulInteger', [
            x,
            kit.constant('int8', [9, 4], integers(random, 36)),
            zero,
            kit.constant('int8', [], [0]),
          ])
      const real = kit.node('Mul', [
        kit.node('Cast', [product], { to: 1 }),
        kit.float(anyScale(random, 0.0005, 0.01)),
      ])
      const biased = kit.node('Add', [
        real,
        kit.floats(Array.from({ length: conv ? 3 : 4 }, random), conv ? [3, 1, 1] : [4]),
      ])
      kit.output(kit.quantize(kit.node('Relu', [biased]), anyScale(random, 0.1, 0.5), 'uint8'), 'uint8')
      const { certificate } = await compareWithRuntime(kit.model(), { seed })
      expect(certificate.oracle).toBe('qdq-float')
    })
  })
})
