import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { checkNetwork, fusedModel, importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { packTensor } from '../../../src/network/onnx/onnx-tensor.ts'
import { integer, integers } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { seeded } from './runtime.ts'

interface Broken {
  readonly inputScale?: number
  readonly weightScale?: number
  readonly biasScale?: number
  readonly outputScale?: number
  readonly dims?: readonly (number | string)[]
  readonly weights?: readonly number[]
}

/** A small network, with one thing wrong in it. */
function network(broken: Broken = {}): ModelKit {
  const { inputScale = 0.25, weightScale = 0.125, outputScale = 0.5 } = broken
  const kit = new ModelKit()
  const x = kit.dequantize(kit.input('x', 'int8', broken.dims ?? ['N', 3]), inputScale, 'int8')
  const weights = kit.weights(broken.weights ?? [1, 2, 3, 4, 5, 6], [3, 2], [weightScale])
  const bias = kit.bias([7, 8], [broken.biasScale ?? 0.03125])
  kit.output(kit.quantize(kit.node('Gemm', [x, weights, bias]), outputScale, 'int8'), 'int8')
  return kit
}

function refusal(model: OnnxModel): GemgateError {
  try {
    importNetwork(model)
  } catch (error) {
    expect(error).toBeInstanceOf(GemgateError)
    return error as GemgateError
  }
  throw new Error('it was imported')
}

describe('broken networks end in typed errors', () => {
  it('takes the sound one', () => {
    expect(importNetwork(network().model()).certificate.class).toBe('A')
  })

  it('scales that are no positive normal numbers', () => {
    for (const bad of [0, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -149, 2 ** -130])
      for (const where of ['inputScale', 'weightScale', 'outputScale'] as const) {
        const error = refusal(network({ [where]: bad }).model())
        expect(['GG_MODEL_FORMAT', 'GG_MODEL_INEXACT']).toContain(error.code)
      }
  })

  it('a bias off the grid of the accumulator', () => {
    expect(refusal(network({ biasScale: 0.01 }).model()).message).toMatch(/bias/)
  })

  it('shapes that contradict each other, are empty, open or huge', () => {
    for (const dims of [
      ['N', 4],
      ['N', 0],
      ['N', 'features'],
      [2 ** 40, 3],
      ['N', 2 ** 30],
      [1, 1, 1, 1, 3, 2],
    ])
      expect(refusal(network({ dims }).model())).toBeInstanceOf(GemgateError)
  })

  it('cycles, missing values and values made twice', () => {
    const sound = network().model()
    const swap = (change: (nodes: OnnxModel['graph']['nodes'][number][]) => void): OnnxModel => {
      const nodes = sound.graph.nodes.map((node) => ({ ...node }))
      change(nodes)
      return { ...sound, graph: { ...sound.graph, nodes } }
    }
    const last = sound.graph.nodes.length - 1
    const cycle = swap((nodes) => {
      nodes[0] = { ...nodes[0]!, inputs: [nodes[last]!.outputs[0]!, ...nodes[0]!.inputs.slice(1)] }
    })
    expect(refusal(cycle).message).toMatch(/which nothing before it makes/)
    const missing = swap((nodes) => {
      nodes[last] = { ...nodes[last]!, inputs: ['nowhere', ...nodes[last]!.inputs.slice(1)] }
    })
    expect(refusal(missing).message).toMatch(/'nowhere'/)
    const twice = swap((nodes) => {
      nodes[last] = { ...nodes[last]!, outputs: [nodes[0]!.outputs[0]!] }
    })
    expect(refusal(twice).message).toMatch(/made twice/)
    const shadow = swap((nodes) => {
      nodes[last] = { ...nodes[last]!, outputs: ['x'] }
    })
    expect(refusal(shadow).code).toBe('GG_MODEL_FORMAT')
    expect(refusal({ ...sound, graph: { ...sound.graph, outputs: [] } }).code).toBe('GG_MODEL_FORMAT')
    expect(refusal({ ...sound, graph: { ...sound.graph, inputs: [] } }).code).toBe('GG_MODEL_FORMAT')
    const outputs = [...sound.graph.outputs, ...sound.graph.outputs]
    expect(refusal({ ...sound, graph: { ...sound.graph, outputs } }).message).toMatch(/twice/)
  })

  it('accumulators beyond 2^24 are refused under the float oracle and taken under fused', () => {
    const kit = new ModelKit()
    const x = kit.dequantize(kit.input('x', 'int8', ['N', 1200]), 0.25, 'int8')
    const weights = kit.weights(new Array(1200).fill(127), [1200, 1], [0.125])
    kit.output(kit.quantize(kit.node('MatMul', [x, weights]), 64, 'int8'), 'int8')
    expect(() => importNetwork(kit.model(), { oracle: 'qdq-float' })).toThrow(/beyond the 2\^24/)
    expect(importNetwork(kit.model()).certificate).toMatchObject({ oracle: 'fused', class: 'C' })
  })

  it('constants of NaN and infinity', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const kit = new ModelKit()
      const x = kit.dequantize(kit.input('x', 'int8', ['N', 3]), 0.25, 'int8')
      kit.output(kit.quantize(kit.node('Add', [x, kit.float(bad)]), 0.5, 'int8'), 'int8')
      expect(refusal(kit.model()).code).toBe('GG_MODEL_FORMAT')
    }
  })

  it('division in float16, Softmax before other nodes, and training modes', () => {
    const half = new ModelKit()
    const x = half.dequantize(half.input('x', 'int8', ['N', 3]), 0.25, 'int8')
    const zero = half.constant('int8', [], [0])
    half.output(half.node('QuantizeLinear', [x, half.float(0.5), zero], { precision: 10 }), 'int8')
    expect(refusal(half.model(23)).message).toMatch(/divides in float16/)
    const soft = new ModelKit()
    const scores = soft.node('Softmax', [soft.dequantize(soft.input('x', 'int8', ['N', 3]), 0.25, 'int8')])
    soft.output(soft.quantize(scores, 2 ** -8, 'uint8'), 'uint8')
    expect(refusal(soft.model()).message).toMatch(/follows a Softmax/)
    const norm = new ModelKit()
    const data = norm.dequantize(norm.input('x', 'int8', ['N', 1]), 0.25, 'int8')
    const ones = [1, 1, 1, 1].map((one) => norm.floats([one]))
    norm.output(norm.node('BatchNormalization', [data, ...ones], { training_mode: 1 }), 'float')
    expect(refusal(norm.model()).message).toMatch(/training mode/)
  })

  it('any change of a number, type or reference in a file gives a network or a typed error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const random = seeded(seed)
        const model = mutated(random, convolutional(random).model())
        for (const run of [() => importNetwork(model), () => checkNetwork(model), () => fusedModel(model)])
          try {
            run()
          } catch (error) {
            if (!(error instanceof GemgateError)) throw error
          }
      }),
      { numRuns: 200, seed: 41 },
    )
  })
})

/** A network that is exact, with power-of-two scales or others. */
function convolutional(random: () => number): ModelKit {
  const kit = new ModelKit()
  const power = random() < 0.5
  const scale = (x: number): number => (power ? 2 ** Math.round(Math.log2(x)) : x)
  let x = kit.dequantize(kit.input('x', 'uint8', ['N', 2, 6, 6]), scale(0.3), 'uint8', 3)
  const weights = kit.weights(integers(random, 54), [3, 2, 3, 3], [0.1, 0.125, 0.25].map(scale))
  x = kit.node('Relu', [kit.node('Conv', [x, weights], { pads: [1, 1, 1, 1], strides: [2, 1] })])
  x = kit.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [1, 2] })
  x = kit.dequantize(kit.quantize(x, scale(0.7), 'uint8', 1), scale(0.7), 'uint8', 1)
  x = kit.node('Flatten', [kit.node('Transpose', [x], { perm: [0, 2, 3, 1] })])
  x = kit.node('MatMul', [x, kit.weights(integers(random, 36), [18, 2], [scale(0.03)])])
  kit.output(
    kit.quantize(kit.node('Clip', [x, kit.float(-40), kit.float(90)]), scale(0.8), 'uint8', 20),
    'uint8',
  )
  return kit
}

const pick = <T>(random: () => number, list: readonly T[]): T => list[integer(random, 0, list.length - 1)]!

function mutated(random: () => number, model: OnnxModel): OnnxModel {
  const { graph } = model
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: [...node.inputs],
    attributes: [...node.attributes],
  }))
  const initializers = [...graph.initializers]
  const names = [...nodes.flatMap(({ outputs }) => outputs), ...initializers.map(({ name }) => name), 'x', '']
  for (let change = integer(random, 1, 3); change > 0; change--) {
    const kind = integer(random, 0, 4)
    const node = pick(random, nodes)
    if (kind === 0 && node.inputs.length > 0)
      node.inputs[integer(random, 0, node.inputs.length - 1)] = pick(random, names)
    else if (kind === 1)
      node.operator = pick(random, [
        'Add',
        'Mul',
        'Conv',
        'Gemm',
        'Concat',
        'Relu',
        'AveragePool',
        'ArgMax',
        'QuantizeLinear',
        'Split',
        'Nonsense',
      ])
    else if (kind === 2)
      node.attributes = node.attributes.map((attribute) =>
        attribute.kind === 'ints'
          ? { ...attribute, value: attribute.value.map(() => pick(random, [0, 1, 2, 3, -1, 1e9])) }
          : attribute.kind === 'int'
            ? { ...attribute, value: pick(random, [0, 1, -1, 2, 99]) }
            : attribute,
      )
    else {
      const at = integer(random, 0, initializers.length - 1)
      const { name, dims, type } = initializers[at]!
      const count = Math.min(
        dims.reduce((a, b) => a * b, 1),
        100,
      )
      const numbers = [0, -1, 2 ** -140, 1e30, Number.NaN, 0.3, 2 ** 24]
      if (kind === 3 && type === 1)
        initializers[at] = packTensor(
          name,
          dims,
          Float32Array.from({ length: count }, () => pick(random, numbers)),
        )
      else
        initializers[at] = {
          ...initializers[at]!,
          dims: pick(random, [[], [0], [count, 1], [1, count], [1e9, 1e9]]),
        }
    }
  }
  return { ...model, graph: { ...graph, nodes, initializers } }
}
