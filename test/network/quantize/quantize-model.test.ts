import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx } from '../../../src/network/onnx/onnx-read.ts'
import { tensorValues } from '../../../src/network/onnx/onnx-tensor.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import { openTensorSession } from '../../../src/network/oracle/tensor-session.ts'
import {
  type QuantizedModel,
  type QuantizeOptions,
  quantizeModel,
} from '../../../src/network/quantize/index.ts'
import { evaluateModel, floatTensor, type Tensor } from '../../../src/network/reference/index.ts'
import { sharedModels } from '../../support/shared-data.ts'
import { floatModels, rowOf, samplesFor } from './float-models.ts'

const outputOf = (values: ReadonlyMap<string, Tensor>): Tensor => [...values.values()][0]!
const inputName = (model: OnnxModel): string => model.graph.inputs[0]!.name

/** Decibels of the quantized network's outputs against the float network's. */
function decibels(float: OnnxModel, quantized: OnnxModel, batch: Tensor): number {
  let [signal, noise] = [0, 0]
  for (let row = 0; row < batch.dims[0]!; row++) {
    const x = rowOf(batch, row)
    const exact = outputOf(evaluateModel(float, new Map([[inputName(float), x]]))).data
    const made = outputOf(evaluateModel(quantized, new Map([[inputName(quantized), x]]))).data
    exact.forEach((value, i) => {
      signal += value ** 2
      noise += (value - made[i]!) ** 2
    })
  }
  return 10 * Math.log10(signal / noise)
}

/** Elements in which ONNX Runtime differs from the evaluator, in float32 and over the real numbers. */
async function differences(
  model: OnnxModel,
  batch: Tensor,
  optimization: 'disabled' | 'all',
): Promise<number> {
  await using runtime = await openTensorSession(writeOnnx(model), optimization)
  let differing = 0
  for (let row = 0; row < batch.dims[0]!; row++) {
    const feeds = new Map([[inputName(model), rowOf(batch, row)]])
    const wanted = outputOf(await runtime.run(feeds)).data
    const single = outputOf(evaluateModel(model, feeds)).data
    const real = outputOf(evaluateModel(model, feeds, { precision: 'float64' })).data
    wanted.forEach((value, i) => {
      if (value !== single[i] || value !== real[i]) differing++
    })
  }
  return differing
}

/** The network with its last softmax or argmax replaced by the scores before it. */
function scoresOf(model: OnnxModel): OnnxModel {
  const last = model.graph.nodes.at(-1)!
  if (last.operator !== 'Softmax' && last.operator !== 'ArgMax') return model
  const outputs = [{ name: last.inputs[0]!, type: 1 }]
  return { ...model, graph: { ...model.graph, nodes: model.graph.nodes.slice(0, -1), outputs } }
}

const variants: [string, QuantizeOptions][] = [
  ['8 bits', {}],
  ['8 bits, a scale for each channel', { perChannel: true, outputBits: 8 }],
  ['5-bit weights, 6-bit activations', { weightBits: 5, activationBits: 6, outputBits: 16 }],
]
const linearOnly = Object.keys(floatModels).filter((name) => name !== 'nonlinear functions')

describe.each(variants)('networks quantized with %s', (_, options) => {
  it.each(linearOnly)('evaluate the same in ONNX Runtime, float32 and real numbers: %s', async (name) => {
    for (const seed of [1, 2]) {
      const model = floatModels[name]!(seed)
      const { model: quantized } = quantizeModel(model, [samplesFor(model, 12, seed)], options)
      const fresh = samplesFor(model, 12, seed + 100)
      expect(await differences(quantized, fresh, 'disabled')).toBe(0)
      expect(await differences(quantized, fresh, 'all')).toBe(0)
    }
  })

  it.each(Object.keys(floatModels))('stay close to the float network: %s', (name) => {
    const model = scoresOf(floatModels[name]!(3))
    const { model: quantized, layers, values } = quantizeModel(model, [samplesFor(model, 30, 3)], options)
    const fewBits = options.weightBits !== undefined
    expect(decibels(model, quantized, samplesFor(model, 20, 103))).toBeGreaterThan(fewBits ? 12 : 24)
    for (const layer of layers) expect(layer.weightSignalToNoise).toBeGreaterThan(fewBits ? 17 : 30)
    for (const value of values) expect(value.signalToNoise).toBeGreaterThan(fewBits ? 12 : 24)
  })

  it.each(linearOnly)('are imported with the certificate of class A: %s', (name) => {
    const model = scoresOf(floatModels[name]!(4))
    const { model: quantized } = quantizeModel(model, [samplesFor(model, 12, 4)], options)
    const { graph, certificate } = importNetwork(readOnnx(writeOnnx(quantized)))
    if (options.activationBits === undefined) expect(certificate.class).toBe('A')
    expect(certificate.perNode.every((node) => node.exact)).toBe(true)
    const batch = samplesFor(model, 10, 104)
    const [from, to] = [graph.inputs[0]!, graph.outputs[0]!]
    for (let row = 0; row < 10; row++) {
      const feeds = new Map([[inputName(quantized), rowOf(batch, row)]])
      const all = evaluateModel(quantized, feeds, { all: true })
      const integers = all.get(`${inputName(quantized)}.dequantized`)!.data.map((x) => x / from.scales[0]!)
      const made = evaluateGraph(graph, [integers])[0]!
      const wanted = outputOf(evaluateModel(quantized, feeds)).data
      expect([...made].map((q) => q * to.scales[0]! + 0)).toEqual([...wanted].map((x) => x + 0))
    }
  })
})

describe('quantization', () => {
  it('of dense networks with an integer border are of class A', () => {
    const model =
      floatModels['matrix products with sums, batch normalization between reshapes, scales left over']!(5)
    const result = quantizeModel(model, [samplesFor(model, 20, 5)], { border: 'integer' })
    const { network, certificate } = wrapDense(result)
    expect(certificate).toBe('A')
    expect(network).toBeGreaterThan(1)
  })

  it('has power-of-two scales, zero points of 0 and biases in units of the accumulator', () => {
    const model = floatModels['normalized input, residual, depthwise, ReLU6, concatenation']!(6)
    for (const perChannel of [false, true]) {
      const { model: quantized } = quantizeModel(model, [samplesFor(model, 8, 6)], { perChannel })
      const constants = new Map(quantized.graph.initializers.map((tensor) => [tensor.name, tensor]))
      const valuesAt = (name: string): number[] => [...tensorValues(constants.get(name)!)]
      const producers = new Map(quantized.graph.nodes.map((node) => [node.outputs[0]!, node]))
      let layers = 0
      for (const node of quantized.graph.nodes) {
        if (node.operator === 'QuantizeLinear' || node.operator === 'DequantizeLinear') {
          for (const scale of valuesAt(node.inputs[1]!)) expect(Number.isInteger(Math.log2(scale))).toBe(true)
          for (const zero of valuesAt(node.inputs[2]!)) expect(zero).toBe(0)
        }
        if (node.operator !== 'Conv' && node.operator !== 'Gemm') continue
        layers++
        const [x, w, b] = node.inputs.map((name) => valuesAt(producers.get(name)!.inputs[1]!))
        expect(b).toEqual(w!.map((scale) => scale * x![0]!))
        expect(w!.length > 1).toBe(perChannel)
      }
      expect(layers).toBe(6)
    }
  })

  it('lowers the weights where an accumulator could reach 2^24, and refuses where that does not help', () => {
    const wide = (inputs: number, bias: number): OnnxModel => {
      const weights = floatTensor([inputs, 2], new Float64Array(2 * inputs).fill(1))
      const offsets = floatTensor([2], [bias, bias])
      return denseModel(weights, offsets)
    }
    const x = floatTensor([1, 2000], new Float64Array(2000).fill(1))
    const large = quantizeModel(wide(2000, 0), [x], { border: 'float' })
    expect(large.layers[0]).toMatchObject({ loweredBits: 1, weightBits: 7 })
    const bound = tensorValues(large.model.graph.initializers.find(({ dims }) => dims.length === 2)!)
      .subarray(0, 2000)
      .reduce((sum, w) => sum + Math.abs(w) * 255, 0)
    expect(bound).toBeLessThan(2 ** 24)
    const error = errorOf(() => quantizeModel(wide(2000, 1e9), [x]))
    expect(error?.code).toBe('GG_MODEL_INEXACT')
    expect(error?.message).toMatch(/node 'dense'/)
  })

  it('puts into the bias what rounding the weights changes on average', () => {
    // Three weights that all round down, on inputs around 1.5.
    const model = denseModel(floatTensor([3, 1], [1, 0.33, 0.33]), floatTensor([1], [0]))
    const x = Array.from({ length: 300 }, (_, i) => 1.5 + 0.5 * Math.sin(i))
    const batch = floatTensor([100, 3], x)
    const { model: quantized, layers } = quantizeModel(model, [batch], { weightBits: 3 })
    expect(layers[0]!.weightSignalToNoise).toBeLessThan(25)
    let [signed, exact] = [0, 0]
    for (let row = 0; row < 100; row++) {
      const feeds = new Map([['x', rowOf(batch, row)]])
      const [wanted, made] = [model, quantized].map((m) => outputOf(evaluateModel(m, feeds)).data[0]!)
      signed += (wanted! - made!) / 100
      exact += wanted! / 100
    }
    expect(exact).toBeCloseTo(2.5, 1)
    expect(Math.abs(signed)).toBeLessThan(0.005)
  })

  it('prefers the scale of least squared error', () => {
    const model = denseModel(floatTensor([1, 1], [1]), floatTensor([1], [0]))
    const exponentFor = (numbers: number[]): number =>
      quantizeModel(model, [floatTensor([numbers.length, 1], numbers)]).values[0]!.exponent
    const small = Array.from({ length: 2000 }, (_, i) => Math.sin(i))
    // 1.01 needs 2^-6, but one number in 2000 is not worth a bit of all others.
    expect(exponentFor([...small, -1.01])).toBe(-7)
    expect(exponentFor([...small, -3.9])).toBe(-5)
  })

  it('names softmax that it left out, and keeps the order of the scores', () => {
    const model = floatModels['means over 9 and 49 elements, strides, same padding']!(7)
    const { removed, model: quantized } = quantizeModel(model, [samplesFor(model, 8, 7)])
    expect(removed).toEqual([model.graph.nodes.at(-1)!.name])
    expect(quantized.graph.nodes.some((node) => node.operator === 'Softmax')).toBe(false)
  })

  it('keeps the names of inputs and outputs, and takes batches of any size', () => {
    const model = floatModels['means over 9 and 49 elements, strides, same padding']!(9)
    const { model: quantized } = quantizeModel(model, [samplesFor(model, 8, 9)])
    expect(quantized.graph.inputs).toEqual([{ name: 'x', type: 1, dims: ['N', 2, 14, 14] }])
    expect(quantized.graph.outputs).toEqual([{ name: model.graph.outputs[0]!.name, type: 1, dims: ['N', 3] }])
    const batch = samplesFor(model, 3, 10)
    const together = outputOf(evaluateModel(quantized, new Map([['x', batch]])))
    const apart = [0, 1, 2].flatMap((row) => [
      ...outputOf(evaluateModel(quantized, new Map([['x', rowOf(batch, row)]]))).data,
    ])
    expect([...together.data]).toEqual(apart)
  })

  it('of two inputs takes samples by name; sums on grids too different are refused', async () => {
    const model = denseModel(floatTensor([2, 2], [1, -0.5, 0.25, 2]), floatTensor([2], [0.1, -0.1]))
    const node = (operator: string, inputs: string[], output: string) => ({
      ...{ name: output, operator, domain: '', inputs, outputs: [output], attributes: [] },
    })
    const graph = {
      ...model.graph,
      inputs: ['x', 'z'].map((name) => ({ name, type: 1, dims: [1, 2] })),
      nodes: [...model.graph.nodes, node('Add', ['y', 'z'], 'sum')],
      outputs: [{ name: 'sum', type: 1 }],
    }
    const sample = (scale: number, k: number): Map<string, Tensor> =>
      new Map([
        ['x', floatTensor([1, 2], [Math.sin(k), Math.cos(k)])],
        ['z', floatTensor([1, 2], [scale * Math.sin(2 * k), scale * Math.cos(3 * k)])],
      ])
    const two = { ...model, graph }
    const { model: quantized } = quantizeModel(two, [sample(1, 1), sample(1, 2), sample(1, 3)])
    await using runtime = await openTensorSession(writeOnnx(quantized))
    const fresh = sample(1, 4)
    const made = outputOf(evaluateModel(quantized, fresh)).data
    expect([...outputOf(await runtime.run(fresh)).data]).toEqual([...made])
    outputOf(evaluateModel(two, fresh)).data.forEach((value, i) => {
      expect(Math.abs(value - made[i]!)).toBeLessThan(0.03)
    })
    expect(errorOf(() => quantizeModel(two, [sample(1e-7, 1)]))?.message).toMatch(/node 'sum'.* 2\^24/)
  })

  it('is the same for the same data, in any split into batches', () => {
    const model = floatModels['nonlinear functions']!(8)
    const batch = samplesFor(model, 9, 8)
    const rows = Array.from({ length: 9 }, (_, row) => rowOf(batch, row))
    const [a, b] = [[batch], rows].map((data) => writeOnnx(quantizeModel(model, data).model))
    expect(Buffer.compare(a!, b!)).toBe(0)
  })

  const refusals: [string, () => unknown, string, RegExp][] = (() => {
    const dense = denseModel(floatTensor([2, 1], [1, 2]), floatTensor([1], [0]))
    const data = floatTensor([1, 2], [1, 2])
    const nodes = (...operators: string[]): OnnxModel => {
      const made = operators.map((operator, i) => ({
        ...{ name: `n${i}`, operator, domain: '', inputs: [i === 0 ? 'x' : `v${i - 1}`], attributes: [] },
        outputs: [i === operators.length - 1 ? 'y' : `v${i}`],
      }))
      return { ...dense, graph: { ...dense.graph, nodes: made } }
    }
    return [
      ['weights of 1 bit', () => quantizeModel(dense, [data], { weightBits: 1 }), 'GG_USAGE', /weightBits/],
      [
        'outputs of 12 bits',
        () => quantizeModel(dense, [data], { outputBits: 12 }),
        'GG_USAGE',
        /outputBits is 12/,
      ],
      ['activations of 9 bits', () => quantizeModel(dense, [data], { activationBits: 9 }), 'GG_USAGE', /9/],
      ['no data', () => quantizeModel(dense, []), 'GG_FILE_SHAPE', /no calibration/],
      [
        'data of another shape',
        () => quantizeModel(dense, [floatTensor([1, 3], [1, 2, 3])]),
        'GG_FILE_SHAPE',
        /1, 3/,
      ],
      [
        'data that is not finite',
        () => quantizeModel(dense, [floatTensor([1, 2], [1, Number.NaN])]),
        'GG_FILE_SHAPE',
        /finite/,
      ],
      ['unknown operators', () => quantizeModel(nodes('Exp'), [data]), 'GG_MODEL_UNSUPPORTED', /'n0'/],
      [
        'softmax in the middle',
        () => quantizeModel(nodes('Softmax', 'Relu'), [data]),
        'GG_MODEL_UNSUPPORTED',
        /middle/,
      ],
      [
        'networks that are quantized already',
        () => quantizeModel(quantizeModel(dense, [data]).model, [data]),
        'GG_MODEL_UNSUPPORTED',
        /already/,
      ],
    ]
  })()
  it.each(refusals)('refuses %s', (_, action, code, message) => {
    const error = errorOf(action)
    expect(error?.code).toBe(code)
    expect(error?.message).toMatch(message)
  })
})

function denseModel(weights: Tensor, bias: Tensor): OnnxModel {
  const constant = (name: string, tensor: Tensor) => ({
    name,
    type: 1,
    dims: tensor.dims,
    values: [...tensor.data],
  })
  return {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([['', 13]]),
    metadata: new Map(),
    graph: {
      name: 'dense',
      nodes: [
        {
          name: 'dense',
          operator: 'Gemm',
          domain: '',
          inputs: ['x', 'w', 'b'],
          outputs: ['y'],
          attributes: [],
        },
      ],
      initializers: [constant('w', weights), constant('b', bias)],
      inputs: [{ name: 'x', type: 1, dims: [1, weights.dims[0]!] }],
      outputs: [{ name: 'y', type: 1 }],
    },
  }
}

function wrapDense({ model }: QuantizedModel): { network: number; certificate: string } {
  const { graph, certificate } = importNetwork(readOnnx(writeOnnx(model)), { oracle: 'qdq-float' })
  const layers = graph.values.filter(({ operation }) => operation.kind === 'dense').length
  return { network: layers, certificate: certificate.class }
}

function errorOf(action: () => unknown): GemgateError | undefined {
  try {
    action()
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    expect(error.remedy.length).toBeGreaterThan(5)
    return error
  }
  return undefined
}

describe('damaged networks', () => {
  it('end in a typed error or a network that runs, never in another exception', () => {
    const random = new Random(23)
    const seen = new Map<string, number>()
    for (const name of Object.keys(floatModels)) {
      const model = floatModels[name]!(1)
      const bytes = writeOnnx(model)
      const data = samplesFor(model, 2, 1)
      // The nodes come first in the file.
      const end = Math.min(bytes.length, 40 * model.graph.nodes.length)
      for (let run = 0; run < 60; run++) {
        const damaged = Uint8Array.from(bytes)
        for (let edits = 1 + random.integer(3); edits > 0; edits--)
          damaged[random.integer(end)] = random.integer(4) === 0 ? random.integer(256) : random.integer(8)
        const error = errorOf(() => evaluateFirst(quantizeModel(readOnnx(damaged), [data]).model, data))
        seen.set(error?.code ?? 'none', (seen.get(error?.code ?? 'none') ?? 0) + 1)
      }
    }
    for (const outcome of ['GG_MODEL_FORMAT', 'GG_MODEL_UNSUPPORTED', 'none'])
      expect(seen.get(outcome)).toBeGreaterThan(5)
    for (const code of seen.keys()) expect(code).toMatch(/^(none|GG_MODEL_\w+|GG_FILE_SHAPE)$/)
  })
})

function evaluateFirst(model: OnnxModel, data: Tensor): void {
  evaluateModel(model, new Map([[inputName(model), rowOf(data, 0)]]))
}

describe('public float networks', () => {
  const files: [string, number, (x: number) => number][] = [
    ['hls4ml_example_models/three_layer_keras.onnx', 24, (x) => x],
    ['hls4ml_example_models/three_layer_bn_pytorch.onnx', 35, (x) => x],
    ['hls4ml_example_models/conv2d_small_keras.onnx', 30, (x) => x],
    ['qonnx_testdata/mnist-conv/model.onnx', 24, (x) => Math.min(255, Math.abs(x) * 100)],
    ['mlperf_tiny/v0.7_alibaba/model_ad.onnx', 20, (x) => x],
  ]
  for (const [file, least, shape] of files) {
    const path = join(sharedModels, file)
    const present = existsSync(path)
    it.skipIf(!present)(`${file} keeps ${least} dB${present ? '' : ' (SKIPPED: file absent)'}`, async () => {
      const model = readOnnx(readFileSync(path))
      const constants = new Set(model.graph.initializers.map((tensor) => tensor.name))
      const input = model.graph.inputs.find((value) => !constants.has(value.name))!
      const dims = [1, ...(input.dims!.slice(1) as number[])]
      const single = { ...model, graph: { ...model.graph, inputs: [{ ...input, dims }] } }
      const data = (rows: number, seed: number): Tensor => {
        const batch = samplesFor(single, rows, seed)
        return floatTensor(batch.dims, batch.data.map(shape))
      }
      const { model: quantized } = quantizeModel(model, [data(40, 1)])
      expect(decibels(scoresOf(single), quantized, data(20, 2))).toBeGreaterThan(least)
      expect(await differences(quantized, data(10, 3), 'disabled')).toBe(0)
      expect(importNetwork(quantized).certificate.class).toBe('A')
    })
  }
})
