import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyScale, compareWithRuntime, integer, integers } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { seeded } from './runtime.ts'

const seeds = fc.integer({ min: 1, max: 1e6 })

/** Runs a property of networks made from a seed. */
async function forSeeds(
  runs: number,
  body: (random: () => number, seed: number) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(seeds, (seed) => body(seeded(seed), seed)),
    { numRuns: runs, seed: runs * 7 },
  )
}

type Build = (kit: ModelKit, x: string, random: () => number) => string

const pick = <T>(random: () => number, list: readonly T[]): T => list[integer(random, 0, list.length - 1)]!

/** Elementwise functions, movements and pools on [N, 3, 4, 4]. */
const functions: Readonly<Record<string, Build>> = {
  Relu: (kit, x) => kit.node('Relu', [x]),
  Clip: (kit, x, random) => kit.node('Clip', [x, kit.float(-random()), kit.float(random() * 2)]),
  LeakyRelu: (kit, x, random) => kit.node('LeakyRelu', [x], { alpha: { float: Math.fround(random() / 2) } }),
  PRelu: (kit, x, random) =>
    kit.node('PRelu', [x, kit.floats([random(), random(), random()].map(Math.fround), [3, 1, 1])]),
  HardSigmoid: (kit, x) => kit.node('HardSigmoid', [x]),
  'Mul by a constant': (kit, x, random) => kit.node('Mul', [x, kit.float(random() * 3 - 1)]),
  'Mul by channel': (kit, x, random) =>
    kit.node('Mul', [kit.floats([random(), -random(), random()], [3, 1, 1]), x]),
  'Div by a constant': (kit, x, random) => kit.node('Div', [x, kit.float(random() + 0.3)]),
  'Add of a constant': (kit, x, random) =>
    kit.node('Add', [x, kit.floats([random(), random(), -random()], [1, 3, 1, 1])]),
  'Sub from a constant': (kit, x, random) => kit.node('Sub', [kit.float(random()), x]),
  'Add by place': (kit, x, random) =>
    kit.node('Add', [
      x,
      kit.floats(
        Array.from({ length: 16 }, () => random()),
        [4, 4],
      ),
    ]),
  'Max with a constant': (kit, x, random) => kit.node('Max', [x, kit.float(random() - 0.5)]),
  'Min with a constant': (kit, x, random) => kit.node('Min', [x, kit.float(random() - 0.5)]),
  Neg: (kit, x) => kit.node('Neg', [x]),
  'chain of functions': (kit, x, random) =>
    kit.node('Add', [kit.node('Mul', [kit.node('Relu', [x]), kit.float(random())]), kit.float(random())]),
  MaxPool: (kit, x) =>
    kit.node('MaxPool', [x], { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }),
  'MaxPool, rounded up': (kit, x) =>
    kit.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  'MaxPool, same': (kit, x) => kit.node('MaxPool', [x], { kernel_shape: [2, 2], auto_pad: 'SAME_UPPER' }),
  GlobalMaxPool: (kit, x) => kit.node('GlobalMaxPool', [x]),
  Transpose: (kit, x, random) =>
    kit.node('Transpose', [x], {
      perm: pick(random, [
        [0, 2, 3, 1],
        [0, 3, 1, 2],
        [0, 1, 3, 2],
      ]),
    }),
  Reshape: (kit, x) => kit.node('Reshape', [x, kit.ints([1, 6, -1])]),
  Flatten: (kit, x) => kit.node('Flatten', [x]),
  Slice: (kit, x) =>
    kit.node('Slice', [x, kit.ints([1, 3]), kit.ints([3, -5]), kit.ints([1, 3]), kit.ints([1, -1])]),
  Concat: (kit, x) => kit.node('Concat', [x, kit.node('Relu', [x])], { axis: 1 }),
  'Concat along a row': (kit, x) => kit.node('Concat', [kit.node('Neg', [x]), x], { axis: 3 }),
  Squeeze: (kit, x) => kit.node('Squeeze', [kit.node('Unsqueeze', [x, kit.ints([2])]), kit.ints([2])]),
  Gather: (kit, x) => kit.node('Gather', [x, kit.ints([2, 0])], { axis: 1 }),
  Identity: (kit, x) => kit.node('Identity', [kit.node('Dropout', [x])]),
}

describe('one function between two quantizers', () => {
  for (const [name, build] of Object.entries(functions))
    it(`${name} equals ONNX Runtime`, async () => {
      await forSeeds(6, async (random, seed) => {
        const kit = new ModelKit()
        const power = random() < 0.5
        const from = power ? 2 ** -integer(random, 4, 7) : anyScale(random, 0.005, 0.05)
        const to = power ? 2 ** -integer(random, 4, 7) : anyScale(random, 0.005, 0.05)
        const type = pick(random, ['int8', 'uint8'] as const)
        const zero = type === 'int8' ? integer(random, -9, 9) : integer(random, 100, 150)
        const x = kit.dequantize(kit.input('x', type, ['N', 3, 4, 4]), from, type, zero)
        const target = pick(random, ['int8', 'uint8', 'int16'] as const)
        kit.output(kit.quantize(build(kit, x, random), to, target, target === 'uint8' ? 77 : 5), target)
        const { certificate } = await compareWithRuntime(kit.model(), {
          seed,
          rows: 6,
          options: { oracle: 'qdq-float' },
        })
        expect(certificate.oracle).toBe('qdq-float')
      })
    })

  for (const name of ['Sigmoid', 'Tanh'])
    it(`${name} equals ONNX Runtime or is refused`, async () => {
      let exact = 0
      await forSeeds(20, async (random, seed) => {
        const kit = new ModelKit()
        const x = kit.dequantize(kit.input('x', 'int8', ['N', 64]), anyScale(random, 0.01, 0.1), 'int8')
        kit.output(kit.quantize(kit.node(name, [x]), 2 ** -7, 'int8'), 'int8')
        try {
          await compareWithRuntime(kit.model(), { seed, rows: 12 })
          exact++
        } catch (error) {
          expect(String(error)).toMatch(/rounding boundary/)
        }
      })
      expect(exact).toBeGreaterThan(10)
    })
})

describe('averages', () => {
  it('AveragePool equals ONNX Runtime for windows of any size', async () => {
    await forSeeds(25, async (random, seed) => {
      const kit = new ModelKit()
      const x = kit.dequantize(
        kit.input('x', 'uint8', ['N', 2, 7, 6]),
        2 ** -5,
        'uint8',
        integer(random, 0, 30),
      )
      const kernel = [integer(random, 2, 3), integer(random, 2, 3)]
      const pads = random() < 0.5 ? [0, 0, 0, 0] : [1, 0, 1, 1]
      const y = kit.node('AveragePool', [x], {
        kernel_shape: kernel,
        pads,
        strides: [integer(random, 1, 2), 1],
        count_include_pad: integer(random, 0, 1),
      })
      kit.output(kit.quantize(y, 2 ** -integer(random, 4, 7), 'uint8', 4), 'uint8')
      await compareWithRuntime(kit.model(), { seed })
    })
  })

  it('GlobalAveragePool equals ONNX Runtime', async () => {
    await forSeeds(15, async (random, seed) => {
      const kit = new ModelKit()
      const size = [integer(random, 1, 7), integer(random, 1, 7)]
      const x = kit.dequantize(kit.input('x', 'int8', ['N', 3, ...size]), 2 ** -5, 'int8')
      kit.output(kit.quantize(kit.node('GlobalAveragePool', [x]), 2 ** -6, 'int8'), 'int8')
      await compareWithRuntime(kit.model(), { seed, rows: 40 })
    })
  })
})

describe('reductions', () => {
  for (const operator of ['ReduceMean', 'ReduceSum'])
    it(`${operator} over pictures equals ONNX Runtime`, async () => {
      await forSeeds(8, async (random, seed) => {
        const kit = new ModelKit()
        const x = kit.dequantize(kit.input('x', 'int8', ['N', 3, 4, 2]), 2 ** -5, 'int8', 3)
        const y = kit.node(operator, [x, kit.ints([2, 3])], { keepdims: integer(random, 0, 1) })
        kit.output(kit.quantize(y, 2 ** -5, 'int8'), 'int8')
        await compareWithRuntime(kit.model(), { seed })
      })
    })
})

describe('sums of two tensors', () => {
  it('power-of-two scales: exact, optimised or not', async () => {
    await forSeeds(15, async (random, seed) => {
      const kit = new ModelKit()
      const scales = [2 ** -integer(random, 2, 7), 2 ** -integer(random, 2, 7)]
      const a = kit.dequantize(
        kit.input('a', 'int8', ['N', 3, 4]),
        scales[0]!,
        'int8',
        integer(random, -5, 5),
      )
      const b = kit.dequantize(kit.input('b', 'int8', ['N', 3, 4]), scales[1]!, 'int8')
      const sum = kit.node('Relu', [kit.node(random() < 0.7 ? 'Add' : 'Sub', [a, b])])
      kit.output(kit.quantize(sum, 2 ** -integer(random, 2, 7), 'int8', 2 * integer(random, -5, 5)), 'int8')
      const { certificate } = await compareWithRuntime(kit.model(), { seed, optimised: true })
      expect(certificate.class).toBe('A')
    })
  })

  it('arbitrary scales: every pair of operands is checked', async () => {
    let exact = 0
    await forSeeds(12, async (random, seed) => {
      const kit = new ModelKit()
      const scales = [anyScale(random, 0.01, 0.1), anyScale(random, 0.01, 0.1)]
      const a = kit.dequantize(kit.input('a', 'int8', ['N', 500]), scales[0]!, 'int8', integer(random, -5, 5))
      const b = kit.dequantize(kit.input('b', 'uint8', ['N', 500]), scales[1]!, 'uint8', 128)
      kit.output(kit.quantize(kit.node('Add', [a, b]), anyScale(random, 0.02, 0.2), 'int8', 4), 'int8')
      try {
        const { certificate } = await compareWithRuntime(kit.model(), { seed, rows: 20 })
        expect(certificate.class).toBe('C')
        exact++
      } catch (error) {
        expect(String(error)).toMatch(/rounding boundary/)
      }
    })
    expect(exact).toBeGreaterThan(8)
  })

  it('an odd zero point behind a sum needs a named oracle', async () => {
    const kit = new ModelKit()
    const a = kit.dequantize(kit.input('a', 'int8', ['N', 3]), 0.25, 'int8')
    const b = kit.dequantize(kit.input('b', 'int8', ['N', 3]), 0.5, 'int8')
    kit.output(kit.quantize(kit.node('Add', [a, b]), 0.5, 'int8', 7), 'int8')
    await expect(compareWithRuntime(kit.model(), { seed: 1 })).rejects.toThrow(/zero point 7 is odd/)
    await compareWithRuntime(kit.model(), { seed: 1, rows: 60, options: { oracle: 'qdq-float' } })
  })
})

describe('whole networks', () => {
  it('a residual block in channels-last order equals ONNX Runtime', async () => {
    await forSeeds(8, async (random, seed) => {
      const kit = new ModelKit()
      const x = kit.dequantize(kit.input('x', 'int8', [1, 6, 5, 2]), 2 ** -5, 'int8')
      const first = kit.node('Transpose', [x], { perm: [0, 3, 1, 2] })
      const conv = (from: string): string => {
        const weights = kit.weights(integers(random, 36), [2, 2, 3, 3], [2 ** -6])
        const y = kit.node('Relu', [kit.node('Conv', [from, weights], { pads: [1, 1, 1, 1] })])
        const q = kit.quantize(y, 2 ** -4, 'int8')
        return kit.dequantize(
          kit.node('Clip', [q, kit.constant('int8', [], [0]), kit.constant('int8', [], [7])]),
          2 ** -4,
          'int8',
        )
      }
      const body = conv(conv(first))
      const sum = kit.node('Add', [
        body,
        kit.dequantize(kit.quantize(first, 2 ** -3, 'int8'), 2 ** -3, 'int8'),
      ])
      const back = kit.node(
        'Transpose',
        [kit.dequantize(kit.quantize(sum, 2 ** -4, 'int8'), 2 ** -4, 'int8')],
        { perm: [0, 2, 3, 1] },
      )
      const flat = kit.node('Reshape', [back, kit.ints([1, 60])])
      const dense = kit.weights(integers(random, 240), [4, 60], [2 ** -6])
      const scores = kit.node('Gemm', [flat, dense], { transB: 1 })
      kit.output(kit.node('ArgMax', [scores], { axis: 1, keepdims: 1 }), 'int64')
      kit.output(scores, 'float')
      const { certificate } = await compareWithRuntime(kit.model(), { seed, rows: 8 })
      expect(certificate.class).toBe('A')
    })
  })
})
