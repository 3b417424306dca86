import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import {
  buildDenseModel,
  type DenseSpec,
  type DenseSpecLayer,
  importDense,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../src/network/index.ts'
import { packTensor } from '../../src/network/onnx/onnx-tensor.ts'
import { recoilSpec } from './random-network.ts'

const spec = recoilSpec(5)

function editNode(model: OnnxModel, name: string, change: Partial<OnnxNode>): OnnxModel {
  const nodes = model.graph.nodes.map((node) => (node.name === name ? { ...node, ...change } : node))
  return { ...model, graph: { ...model.graph, nodes } }
}

function editTensor(model: OnnxModel, tensor: OnnxTensor): OnnxModel {
  const initializers = model.graph.initializers.map((old) => (old.name === tensor.name ? tensor : old))
  return { ...model, graph: { ...model.graph, initializers } }
}

function editLayer(at: number, change: Partial<DenseSpecLayer>): DenseSpec {
  return { ...spec, layers: spec.layers.map((layer, l) => (l === at ? { ...layer, ...change } : layer)) }
}

function refusal(model: OnnxModel): GemgateError {
  try {
    importDense(model)
  } catch (error) {
    if (error instanceof GemgateError) return error
    throw error
  }
  throw new Error('the model was accepted')
}

const scale = (name: string, value: number): OnnxTensor => packTensor(name, [], Float32Array.of(value))

describe('importDense', () => {
  it('refuses to dequantize to anything but float32', () => {
    const model = buildDenseModel(spec)
    const nodes = model.graph.nodes.map((node) =>
      node.operator === 'DequantizeLinear'
        ? { ...node, attributes: [{ name: 'output_dtype', kind: 'int', value: 10 } as const] }
        : node,
    )
    expect(refusal({ ...model, graph: { ...model.graph, nodes } }).code).toBe('GG_MODEL_UNSUPPORTED')
  })

  it('gives the integers that were written', () => {
    const network = importDense(buildDenseModel(spec))
    expect([network.name, network.inputs, network.outputs]).toEqual(['recoil', 9, 3])
    expect(network.input).toEqual({ bits: 8, signed: true, exponent: -5 })
    expect(network.output).toEqual({ bits: 16, signed: true, exponent: -10 })
    expect(network.layers.map((layer) => [layer.inputs, layer.outputs])).toEqual([
      [9, 10],
      [10, 7],
      [7, 3],
    ])
    network.layers.forEach((layer, l) => {
      expect(layer.weights).toEqual(spec.layers[l]!.weights)
      expect(layer.bias).toEqual(spec.layers[l]!.bias)
    })
    expect(network.layers.map((layer) => [layer.shift, layer.min, layer.max])).toEqual([
      [8, 0, 127],
      [7, 0, 127],
      [1, -32768, 32767],
    ])
  })

  it('certifies each output', () => {
    const { certificate } = importDense(buildDenseModel(spec))
    expect([certificate.oracle, certificate.class]).toEqual(['qdq-float', 'A'])
    const first = certificate.layers[0]!
    const row = spec.layers[0]!.weights.subarray(0, 9)
    const sum = row.reduce((total, w) => total + Math.abs(w), 0)
    expect(first.inputBound).toBe(128)
    expect(first.accumulatorBounds[0]).toBe(sum * 128 + Math.abs(spec.layers[0]!.bias[0]!))
    expect(certificate.layers[1]!.inputBound).toBe(127)
    expect(2 ** (first.accumulatorBits - 1)).toBeGreaterThan(first.accumulatorBound)
  })

  it('folds Clip into the clamp, rounding its limits half to even', () => {
    const network = importDense(buildDenseModel(editLayer(0, { clip: [-3.5, 20.5], relu: false })))
    expect([network.layers[0]!.min, network.layers[0]!.max]).toEqual([-4, 20])
  })

  it('keeps a Clip of integers after the quantizer', () => {
    const model = buildDenseModel(spec)
    const clip = {
      name: 'narrow',
      operator: 'Clip',
      domain: '',
      inputs: ['layer0.quantized', 'low', 'high'],
      outputs: ['narrowed'],
      attributes: [],
    }
    const limits = [packTensor('low', [], Int8Array.of(-8)), packTensor('high', [], Int8Array.of(7))]
    const graph = {
      ...model.graph,
      nodes: [...model.graph.nodes, clip],
      initializers: [...model.graph.initializers, ...limits],
    }
    const inputs = ['narrowed', 'layer0.scale', 'layer0.zero']
    const network = importDense(editNode({ ...model, graph }, 'layer0.real', { inputs }))
    expect([network.layers[0]!.min, network.layers[0]!.max]).toEqual([0, 7])
  })

  it('takes constants from Constant nodes, listed values and equal scales per channel', () => {
    const model = buildDenseModel(spec)
    const name = 'layer0.bias.integer'
    const bias = model.graph.initializers.find((tensor) => tensor.name === name)!
    const node: OnnxNode = {
      name: 'constant',
      operator: 'Constant',
      domain: '',
      inputs: [],
      outputs: [name],
      attributes: [{ name: 'value', kind: 'tensor', value: bias }],
    }
    const listed: OnnxTensor = {
      name: 'layer1.bias.integer',
      type: 6,
      dims: [7],
      values: Array.from(spec.layers[1]!.bias),
    }
    const graph = {
      ...model.graph,
      nodes: [node, ...model.graph.nodes],
      initializers: model.graph.initializers.filter((tensor) => tensor.name !== name),
    }
    const channels = packTensor('layer0.weights.scale', [10], new Float32Array(10).fill(2 ** -7))
    const zeros = packTensor('layer0.weights.zero', [10], new Int8Array(10))
    const edited = [listed, channels, zeros].reduce(editTensor, { ...model, graph })
    const network = importDense(edited)
    expect(network.layers.map((layer) => layer.bias)).toEqual(spec.layers.map((layer) => layer.bias))
  })

  const model = buildDenseModel(spec)
  const cases: [string, OnnxModel, string, RegExp][] = [
    [
      'a scale that is not a power of two',
      editTensor(model, scale('layer1.scale', 0.1)),
      'GG_MODEL_INEXACT',
      /layer1\.quantize.*not a power of two/,
    ],
    [
      'an infinite scale',
      editTensor(model, scale('layer1.scale', Infinity)),
      'GG_MODEL_INEXACT',
      /power of two/,
    ],
    ['a negative scale', editTensor(model, scale('input.scale', -0.5)), 'GG_MODEL_INEXACT', /power of two/],
    [
      'a tiny scale',
      editTensor(model, scale('input.scale', 2 ** -40)),
      'GG_MODEL_INEXACT',
      /range of float32/,
    ],
    [
      'a zero point',
      editTensor(model, packTensor('layer0.zero', [], Int8Array.of(1))),
      'GG_MODEL_INEXACT',
      /zero point is not 0/,
    ],
    [
      'a bias in other units',
      editTensor(model, scale('layer2.bias.scale', 2 ** -9)),
      'GG_MODEL_INEXACT',
      /layer2\.dense.*bias has scale 2\^-9, not .*2\^-11/,
    ],
    [
      'an accumulator beyond 2^24',
      buildDenseModel(editLayer(1, { bias: new Int32Array(7).fill(2 ** 24) })),
      'GG_MODEL_INEXACT',
      /layer1\.dense.*output 0: the accumulator can reach/,
    ],
    [
      'another operator',
      editNode(model, 'layer0.relu', { operator: 'Tanh' }),
      'GG_MODEL_UNSUPPORTED',
      /Tanh/,
    ],
    ['another domain', editNode(model, 'layer0.relu', { domain: 'x.y' }), 'GG_MODEL_UNSUPPORTED', /'x\.y'/],
    [
      'an alpha',
      editNode(model, 'layer0.dense', { attributes: [{ name: 'alpha', kind: 'float', value: 2 }] }),
      'GG_MODEL_UNSUPPORTED',
      /alpha or beta/,
    ],
    [
      'an unknown attribute',
      editNode(model, 'layer0.dense', { attributes: [{ name: 'magic', kind: 'int', value: 1 }] }),
      'GG_MODEL_UNSUPPORTED',
      /'magic'/,
    ],
    [
      'a floating-point bias',
      editNode(model, 'layer0.dense', { inputs: ['input.real', 'layer0.weights', 'layer0.bias.scale'] }),
      'GG_MODEL_UNSUPPORTED',
      /bias is not a quantized constant/,
    ],
    [
      'an old operator set',
      { ...model, opsets: new Map([['', 10]]) },
      'GG_MODEL_UNSUPPORTED',
      /operator set 10/,
    ],
    [
      'uint8 weights',
      editTensor(model, packTensor('layer0.weights.integer', [9, 10], new Uint8Array(90))),
      'GG_MODEL_UNSUPPORTED',
      /weights are uint8/,
    ],
    [
      'layers that do not fit',
      editTensor(model, packTensor('layer1.weights.integer', [9, 7], new Int8Array(63))),
      'GG_MODEL_FORMAT',
      /reads 9 values where 10/,
    ],
    [
      'a wrong input shape',
      {
        ...model,
        graph: { ...model.graph, inputs: [{ ...model.graph.inputs[0]!, dims: ['N', 8] }] },
      },
      'GG_MODEL_FORMAT',
      /\[N, 8\], not \[N, 9\]/,
    ],
    [
      'a graph that reads its own output',
      editNode(model, 'layer2.quantize', { outputs: ['features'] }),
      'GG_MODEL_FORMAT',
      /also made by a node/,
    ],
    [
      'a branch',
      editNode(model, 'layer1.relu', { inputs: ['layer0.dense'] }),
      'GG_MODEL_UNSUPPORTED',
      /several places/,
    ],
    [
      'a division that leaves nothing',
      buildDenseModel({ ...spec, layers: [{ ...spec.layers[0]!, outputExponent: 20 }] }),
      'GG_MODEL_UNSUPPORTED',
      /always 0/,
    ],
  ]
  it.each(cases)('refuses %s', (_, broken, code, message) => {
    const error = refusal(broken)
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
    expect(error.remedy).not.toBe('')
  })
})
