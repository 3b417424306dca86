import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { compareWithRuntime, integer, integers, mixedScale } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { seeded } from './runtime.ts'

interface Tensor {
  readonly name: string
  /** [channels, height, width] */
  readonly shape: readonly [number, number, number]
}

type Random = () => number

/** Quantizes and dequantizes: what follows reads integers again. */
function requantize(kit: ModelKit, x: Tensor, random: Random, scale: () => number): Tensor {
  const type = random() < 0.5 ? 'int8' : 'uint8'
  const zero = 2 * integer(random, 0, 20)
  const s = scale()
  let q = kit.quantize(x.name, s, type, zero)
  if (random() < 0.2)
    q = kit.node('Clip', [q, kit.constant(type, [], [zero]), kit.constant(type, [], [zero + 15])])
  return { ...x, name: kit.dequantize(q, s, type, zero) }
}

type Layer = (
  kit: ModelKit,
  x: Tensor,
  random: Random,
  scale: () => number,
  others: readonly Tensor[],
) => Tensor

const conv: Layer = (kit, x, random, scale) => {
  const outputs = integer(random, 1, 4)
  const weights = kit.weights(
    integers(random, outputs * x.shape[0] * 9),
    [outputs, x.shape[0], 3, 3],
    Array.from({ length: random() < 0.5 ? 1 : outputs }, () => scale() / 4),
  )
  const name = kit.node('Conv', [x.name, weights], { pads: [1, 1, 1, 1] })
  return requantize(kit, { name, shape: [outputs, x.shape[1], x.shape[2]] }, random, () => scale() * 8)
}

const layers: Readonly<Record<string, Layer>> = {
  conv,
  again: conv,
  requantize,
  relu: (kit, x) => ({ ...x, name: kit.node('Relu', [x.name]) }),
  leaky: (kit, x) => ({ ...x, name: kit.node('LeakyRelu', [x.name], { alpha: { float: 0.25 } }) }),
  scale: (kit, x, random) => ({
    ...x,
    name: kit.node('Mul', [x.name, kit.float(random() < 0.5 ? 0.5 : -0.7)]),
  }),
  shift: (kit, x, random) => {
    const values = Array.from({ length: x.shape[0] }, () => (random() < 0.5 ? 1 : Math.fround(random())))
    return { ...x, name: kit.node('Add', [x.name, kit.floats(values, [x.shape[0], 1, 1])]) }
  },
  depthwise: (kit, x, random, scale) => {
    const [c] = x.shape
    const weights = kit.weights(integers(random, c * 3), [c, 1, 1, 3], [scale() / 4])
    const name = kit.node('Conv', [x.name, weights], { group: c, pads: [0, 1, 0, 1] })
    return requantize(kit, { ...x, name }, random, () => scale() * 4)
  },
  pool: (kit, x, random) => {
    const operator = random() < 0.5 ? 'MaxPool' : 'AveragePool'
    const [c, h, w] = x.shape
    if (h < 2 || w < 2) return x
    return { name: kit.node(operator, [x.name], { kernel_shape: [2, 2] }), shape: [c, h - 1, w - 1] }
  },
  turn: (kit, x) => {
    const [c, h, w] = x.shape
    return { name: kit.node('Transpose', [x.name], { perm: [0, 2, 3, 1] }), shape: [h, w, c] }
  },
  pad: (kit, x) => {
    const [c, h, w] = x.shape
    return { name: kit.node('Pad', [x.name, kit.ints([0, 0, 1, 0, 0, 0, 0, 1])]), shape: [c, h + 1, w + 1] }
  },
  join: (kit, x, random, _, others) => {
    const same = others.filter(({ shape }) => shape[1] === x.shape[1] && shape[2] === x.shape[2])
    const other = same[integer(random, 0, same.length - 1)] ?? x
    const shape: [number, number, number] = [x.shape[0] + other.shape[0], x.shape[1], x.shape[2]]
    return { name: kit.node('Concat', [x.name, other.name], { axis: 1 }), shape }
  },
  add: (kit, x, random, _, others) => {
    const same = others.filter(({ shape }) => shape.join() === x.shape.join())
    const other = same[integer(random, 0, same.length - 1)] ?? x
    return { ...x, name: kit.node('Add', [x.name, other.name]) }
  },
  slice: (kit, x) => {
    const [c, h, w] = x.shape
    return {
      name: kit.node('Slice', [x.name, kit.ints([0]), kit.ints([1]), kit.ints([2])]),
      shape: [c, Math.min(1, h), w],
    }
  },
}

function randomNetwork(random: Random): ModelKit {
  const kit = new ModelKit()
  const power = random() < 0.6
  const scale = (): number => (power ? 2 ** -integer(random, 3, 6) : mixedScale(random, 0.01, 0.1))
  const first = kit.dequantize(kit.input('x', 'uint8', ['N', 2, 4, 5]), scale(), 'uint8', 128)
  const made: Tensor[] = [{ name: first, shape: [2, 4, 5] }]
  const names = Object.keys(layers)
  for (let k = integer(random, 1, 7); k > 0; k--) {
    const x = made[random() < 0.7 ? made.length - 1 : integer(random, 0, made.length - 1)]!
    const next = layers[names[integer(random, 0, names.length - 1)]!]!(kit, x, random, scale, made)
    if (next.shape.reduce((a, b) => a * b, 1) <= 400) made.push(next)
  }
  const last = made.at(-1)!
  if (random() < 0.5) {
    const size = last.shape.reduce((a, b) => a * b, 1)
    const flat = kit.node('Flatten', [requantize(kit, last, random, scale).name])
    const dense = kit.node('MatMul', [
      flat,
      kit.weights(integers(random, size * 3), [size, 3], [scale() / 4]),
    ])
    kit.output(kit.quantize(dense, scale() * 8, 'uint8', 100), 'uint8')
  } else kit.output(kit.quantize(last.name, scale(), 'int8'), 'int8')
  return kit
}

describe('random networks', () => {
  it('are refused with a typed error or equal ONNX Runtime on the file of the named oracle', async () => {
    const outcomes: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), async (seed) => {
        const model = randomNetwork(seeded(seed)).model()
        try {
          const { certificate } = await compareWithRuntime(model, { seed, rows: 4 })
          const key = `${certificate.oracle} ${certificate.class}`
          outcomes[key] = (outcomes[key] ?? 0) + 1
        } catch (error) {
          if (!(error instanceof GemgateError)) throw error
          expect(['GG_MODEL_INEXACT', 'GG_MODEL_UNSUPPORTED'], error.message).toContain(error.code)
          outcomes[error.code] = (outcomes[error.code] ?? 0) + 1
        }
      }),
      { numRuns: Number(process.env['GEMGATE_RANDOM_NETWORKS'] ?? 120), seed: 61 },
    )
    for (const wanted of ['qdq-float A', 'qdq-float B', 'fused C'])
      expect(outcomes[wanted] ?? 0, wanted).toBeGreaterThan(0)
  })
})
