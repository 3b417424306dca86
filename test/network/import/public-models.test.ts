import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import { clamp, roundQuotient } from '../../../src/network/graph/scalar-function.ts'
import { checkNetwork, type ImportOptions, importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel, OnnxTensor } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx, readOnnxTensor } from '../../../src/network/onnx/onnx-read.ts'
import { evaluateModel } from '../../../src/network/reference/evaluate-model.ts'
import { fromOnnxTensor } from '../../../src/network/reference/tensor.ts'
import { sharedModels } from '../../support/shared-data.ts'
import { randomInput, seeded } from './runtime.ts'

const hasSharedModels = existsSync(sharedModels)
if (!hasSharedModels)
  process.stderr.write('SKIPPED tests on public networks: ../shared/models is not there\n')

const load = (path: string): OnnxModel => readOnnx(readFileSync(join(sharedModels, path)))

const pixels: ImportOptions = { input: { bits: 8, signed: false, scale: 1 } }
const normalized: ImportOptions = { input: { bits: 8, signed: false, scale: Math.fround(1 / 255) } }
const features: ImportOptions = { input: { bits: 16, signed: true, exponent: -10 } }

/** Each named model: its certificate, or why it has none. */
const table: readonly (readonly [string, ImportOptions, string])[] = [
  ['qonnx_zoo/jettagging/qkeras_jettagging.onnx', features, 'qonnx A'],
  ['qonnx_zoo/tfc/TFC_1W1A.onnx', normalized, 'qonnx B'],
  ['qonnx_zoo/tfc/TFC_1W2A.onnx', normalized, 'qonnx B'],
  ['qonnx_zoo/tfc/TFC_2W2A.onnx', normalized, 'qonnx B'],
  ['qonnx_zoo/kws/kwsmlp_w3a3.onnx', {}, 'qonnx B'],
  ['qonnx_zoo/unsw/unsw_nb15-mlp-w2a2.onnx', { input: { bits: 2, signed: true, scale: 1 } }, 'qonnx C'],
  ['mlperf_tiny/v0.7_finn_kws_w3a3/QONNX_model.onnx', {}, 'qonnx B'],
  ['finn/tfc_fpga_flow/model.onnx', pixels, 'qonnx B'],
  [
    'hls4ml_example_models/three_layer_keras.onnx',
    features,
    "node '_class__keras_layers_core_Dense__' (MatMul): its weights are not quantized",
  ],
  ['hls4ml_example_models/three_layer_bn_pytorch.onnx', features, "input '0' has shape [789444, 16]"],
  [
    'hls4ml_example_models/conv2d_small_keras.onnx',
    pixels,
    "node 'Conv2D__' (Conv): its weights are not quantized",
  ],
  [
    'qonnx_testdata/mnist-conv/model.onnx',
    pixels,
    "node 'Convolution28' (Conv): its weights are not quantized",
  ],
]

describe.skipIf(!hasSharedModels)('public networks', () => {
  for (const [path, options, expected] of table)
    it.skipIf(!existsSync(join(sharedModels, path)))(`${path}: ${expected}`, () => {
      const model = load(path)
      const check = checkNetwork(model, options)
      if (!expected.startsWith('qonnx')) {
        expect(() => importNetwork(model, options)).toThrow(expected)
        expect(check.ok).toBe(false)
        expect(check.nodes.find((node) => node.verdict === 'refused')?.reason).toContain(expected)
        return
      }
      const { certificate, graph } = importNetwork(model, options)
      expect(`${certificate.oracle} ${certificate.class}`).toBe(expected)
      expect(check).toMatchObject({ ok: true, oracle: certificate.oracle, class: certificate.class })
      const random = seeded(7)
      const port = graph.inputs[0]!
      const declared = model.graph.inputs.find(({ name }) => name === port.name)!.dims!
      const dims = declared.map((dim) => (typeof dim === 'number' ? dim : 1))
      for (let row = 0; row < 10; row++) {
        const q = randomInput(graph, 0, random)
        const data = q.map((x) => (x - port.zeroPoint) * port.scales[0]!)
        const wanted = evaluateModel(model, new Map([[port.name, { type: 1, dims, data }]]), {
          precision: 'float64',
          all: true,
        })
        const { name, scales, zeroPoint } = graph.outputs[0]!
        // A Softmax at the end is left out: its input are the scores.
        const producer = model.graph.nodes.find(({ outputs }) => outputs.includes(name))!
        const scores = wanted.get(producer.operator === 'Softmax' ? producer.inputs[0]! : name)!.data
        const got = evaluateGraph(graph, [q])[0]!
        got.forEach((integer, i) => {
          expect((integer - zeroPoint) * scales[0]!).toBeCloseTo(scores[i]!, 5)
        })
      }
    })

  it('class A networks equal ONNX Runtime-like float32 evaluation bit for bit', () => {
    const model = load('qonnx_zoo/jettagging/qkeras_jettagging.onnx')
    const { graph } = importNetwork(model, features)
    const random = seeded(9)
    for (let row = 0; row < 40; row++) {
      const q = randomInput(graph, 0, random)
      const data = q.map((x) => x / 1024)
      const wanted = evaluateModel(model, new Map([['global_in', { type: 1, dims: [1, 16], data }]]), {
        all: true,
      })
      const logits = wanted.get('Add_3_out0')!.data
      const got = evaluateGraph(graph, [q])[0]!
      expect(Array.from(got, (x) => x * graph.outputs[0]!.scales[0]! + 0)).toEqual(
        Array.from(logits, (x) => x + 0),
      )
    }
  })

  it("FINN's stored results are reproduced", () => {
    const finn = (name: string): Float64Array => readNpy(join(sharedModels, 'finn', name))
    const { graph } = importNetwork(load('finn/tfc_fpga_flow/model.onnx'), pixels)
    const run = (image: Float64Array): number => evaluateGraph(graph, [image])[0]![0]!
    expect(run(finn('tfc_fpga_flow/input.npy'))).toBe(finn('tfc_fpga_flow/expected_output.npy')[0])
    const images = finn('build_dataflow/input.npy')
    const got = [0, 1, 2, 3].map((k) => run(images.subarray(k * 784, (k + 1) * 784)))
    expect(got).toEqual(Array.from(finn('build_dataflow/expected_output.npy')))
    for (const name of ['TFC_1W1A', 'TFC_1W2A', 'TFC_2W2A']) {
      if (!existsSync(join(sharedModels, `qonnx_zoo/tfc/${name}.onnx`))) continue
      const network = importNetwork(load(`qonnx_zoo/tfc/${name}.onnx`), normalized)
      const digits = [0, 1, 2, 3].map((k) => {
        const scores = evaluateGraph(network.graph, [images.subarray(k * 784, (k + 1) * 784)])[0]!
        return scores.indexOf(Math.max(...scores))
      })
      expect(digits).toEqual([7, 2, 1, 0])
    }
  })

  it.skipIf(!existsSync(join(sharedModels, 'mlperf_tiny/v0.7_finn_kws_w3a3/QONNX_model.onnx')))(
    'the keyword spotter of MLPerf Tiny answers as stored',
    () => {
      const folder = 'mlperf_tiny/v0.7_finn_kws_w3a3'
      const { graph } = importNetwork(load(`${folder}/QONNX_model.onnx`))
      const [port] = graph.inputs
      const { min, max } = graph.values[port!.value]!.ranges[0]!
      const features = readNpy(join(sharedModels, folder, 'input.npy'))
      const integers = features.map((x) =>
        clamp(roundQuotient(x / port!.scales[0]!, 0, 'half-even'), min, max),
      )
      const scores = evaluateGraph(graph, [integers])[0]!.map((q) => q * graph.outputs[0]!.scales[0]!)
      expect(scores[0]).toBeCloseTo(2.290223, 5)
      const best = scores.indexOf(Math.max(...scores))
      expect(best).toBe(readNpy(join(sharedModels, folder, 'expected_output.npy'))[0])
    },
  )

  it('every node test of ONNX ends in a certificate or a typed refusal', () => {
    const outcomes: Record<string, string> = {}
    for (const name of nodeTests()) {
      try {
        const { certificate } = importNetwork(load(`onnx_node_tests/${name}/model.onnx`), {
          input: { bits: 8, signed: true, exponent: -3 },
        })
        outcomes[name] = `${certificate.oracle} ${certificate.class}`
      } catch (error) {
        expect(error, name).toBeInstanceOf(GemgateError)
        outcomes[name] = (error as GemgateError).code
      }
    }
    for (const [name, outcome] of Object.entries(nodeOutcomes))
      if (outcomes[name] !== undefined) expect(outcomes[name], name).toBe(outcome)
  })

  it('node tests on integers give the stored outputs, with all inputs but the first as constants', () => {
    const compared: string[] = []
    for (const name of nodeTests()) {
      const folder = join(sharedModels, 'onnx_node_tests', name, 'test_data_set_0')
      const stored = (file: string): OnnxTensor => readOnnxTensor(readFileSync(join(folder, file)))
      const { graph, ...model } = load(`onnx_node_tests/${name}/model.onnx`)
      const [first, ...others] = graph.inputs
      if (first === undefined || first.type === 1) continue
      let network: ReturnType<typeof importNetwork>
      let input: Float64Array
      try {
        const initializers = others.map((other, k) => ({ ...stored(`input_${k + 1}.pb`), name: other.name }))
        network = importNetwork({ ...model, graph: { ...graph, inputs: [first], initializers } })
        input = fromOnnxTensor(stored('input_0.pb')).data
      } catch (error) {
        expect(error, name).toBeInstanceOf(GemgateError)
        continue
      }
      const wanted = fromOnnxTensor(stored('output_0.pb')).data
      const { scales, zeroPoint, value } = network.graph.outputs[0]!
      const got = evaluateGraph(network.graph, [input])[0]!
      const inner = got.length / (network.graph.values[value]!.shape[0] ?? 1)
      const integers = graph.outputs[0]!.type !== 1
      const real = got.map((q, i) =>
        integers
          ? q
          : Math.fround((q - zeroPoint) * scales[scales.length === 1 ? 0 : Math.floor(i / inner)]!),
      )
      expect(Array.from(real), name).toEqual(Array.from(wanted))
      compared.push(name)
    }
    for (const name of nodesOnIntegers)
      if (existsSync(join(sharedModels, 'onnx_node_tests', name))) expect(compared).toContain(name)
  })
})

function nodeTests(): string[] {
  const folder = join(sharedModels, 'onnx_node_tests')
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'model.onnx')))
}

const nodesOnIntegers: readonly string[] = [
  'test_clip_default_int8_max',
  'test_convinteger_with_padding',
  'test_dequantizelinear',
  'test_dequantizelinear_int16',
  'test_dequantizelinear_int4',
  'test_dequantizelinear_uint2',
  'test_matmulinteger',
  'test_maxpool_2d_uint8',
]

const nodeOutcomes: Readonly<Record<string, string>> = {
  test_argmax_default_axis_example: 'qdq-float A',
  test_argmax_default_axis_random: 'qdq-float A',
  test_argmax_keepdims_example: 'qdq-float A',
  test_argmax_keepdims_random: 'qdq-float A',
  test_argmax_negative_axis_keepdims_example: 'qdq-float A',
  test_argmax_negative_axis_keepdims_random: 'qdq-float A',
  test_argmax_no_keepdims_example: 'qdq-float A',
  test_argmax_no_keepdims_random: 'qdq-float A',
  test_averagepool_2d_ceil: 'GG_MODEL_INEXACT',
  test_averagepool_2d_default: 'qdq-float A',
  test_averagepool_2d_pads: 'GG_MODEL_INEXACT',
  test_averagepool_2d_precomputed_pads: 'GG_MODEL_INEXACT',
  test_averagepool_2d_precomputed_same_upper: 'GG_MODEL_INEXACT',
  test_averagepool_2d_same_lower: 'qdq-float A',
  test_averagepool_2d_strides: 'GG_MODEL_INEXACT',
  test_clip_default_inbounds: 'qdq-float A',
  test_concat_1d_axis_negative_1: 'qdq-float A',
  test_concat_2d_axis_1: 'qdq-float A',
  test_concat_2d_axis_negative_2: 'qdq-float A',
  test_concat_3d_axis_1: 'qdq-float A',
  test_concat_3d_axis_negative_1: 'qdq-float A',
  test_concat_3d_axis_negative_3: 'qdq-float A',
  test_dynamicquantizelinear: 'GG_MODEL_UNSUPPORTED',
  test_dynamicquantizelinear_min_adjusted: 'GG_MODEL_UNSUPPORTED',
  test_gemm_transposeB: 'GG_MODEL_UNSUPPORTED',
  test_globalaveragepool_precomputed: 'GG_MODEL_INEXACT',
  test_globalmaxpool_precomputed: 'qdq-float A',
  test_identity: 'qdq-float A',
  test_leakyrelu_default: 'GG_MODEL_INEXACT',
  test_maxpool_2d_ceil_output_size_reduce_by_one: 'qdq-float A',
  test_maxpool_2d_dilations: 'qdq-float A',
  test_maxpool_2d_precomputed_pads: 'qdq-float A',
  test_maxpool_2d_precomputed_strides: 'qdq-float A',
  test_maxpool_2d_same_upper: 'qdq-float A',
  test_maxpool_2d_uint8: 'qdq-float A',
  test_softmax_axis_1: 'qdq-float A',
  test_softmax_default_axis: 'qdq-float A',
  test_softmax_large_number: 'qdq-float A',
  test_sub: 'qdq-float A',
  test_transpose_all_permutations_0: 'qdq-float A',
  test_transpose_all_permutations_2: 'qdq-float A',
  test_transpose_all_permutations_4: 'qdq-float A',
  test_transpose_default: 'qdq-float A',
}

/** The numbers of a little-endian NumPy file of floats or small integers, in row-major order. */
function readNpy(path: string): Float64Array {
  const bytes = readFileSync(path)
  const length = bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, 10 + length)
  const type = /'descr': '[<|](\w\d)'/.exec(header)![1]
  const body = bytes.subarray(10 + length)
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const size = Number(type![1])
  const stored = Float64Array.from({ length: body.length / size }, (_, i) => {
    if (type === 'f4') return view.getFloat32(i * 4, true)
    if (type === 'f8') return view.getFloat64(i * 8, true)
    if (type === 'i8') return Number(view.getBigInt64(i * 8, true))
    if (type === 'u1') return view.getUint8(i)
    if (type === 'i1') return view.getInt8(i)
    throw new Error(`${path} holds ${type}`)
  })
  if (!header.includes("'fortran_order': True")) return stored
  const shape = /\(([\d, ]*)\)/.exec(header)![1]!.split(',').filter(Boolean).map(Number)
  return stored.map((_, i) => {
    let rest = i
    let at = 0
    let stride = stored.length
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      stride /= shape[axis]!
      at += (rest % shape[axis]!) * stride
      rest = Math.floor(rest / shape[axis]!)
    }
    return stored[at]!
  })
}
