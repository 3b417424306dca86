import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import { checkNetwork, type ImportOptions, importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx, readOnnxTensor } from '../../../src/network/onnx/onnx-read.ts'
import { evaluateModel } from '../../../src/network/reference/evaluate-model.ts'
import { fromOnnxTensor } from '../../../src/network/reference/tensor.ts'
import { sharedModels } from '../../support/shared-data.ts'
import { randomInput, seeded } from './runtime.ts'

const hasSharedModels = existsSync(sharedModels)
if (!hasSharedModels) process.stderr.write('SKIPPED tests on public networks: ../shared/models is not there\n')

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
  ['finn/tfc_fpga_flow/model.onnx', pixels, 'qonnx B'],
  ['hls4ml_example_models/three_layer_keras.onnx', features, "node '_class__keras_layers_core_Dense__' (MatMul): its weights are not quantized"],
  ['hls4ml_example_models/three_layer_bn_pytorch.onnx', features, "node '29' (Gemm): its weights are not quantized"],
  ['hls4ml_example_models/conv2d_small_keras.onnx', pixels, "node 'Conv2D__' (Conv): its weights are not quantized"],
  ['qonnx_testdata/mnist-conv/model.onnx', pixels, "node 'Convolution28' (Conv): its weights are not quantized"],
]

describe.skipIf(!hasSharedModels)('public networks', () => {
  for (const [path, options, expected] of table)
    it.skipIf(!existsSync(join(sharedModels, path)))(`${path}: ${expected}`, () => {
      const model = load(path)
      const check = checkNetwork(model, options)
      if (expected.startsWith('node')) {
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
      const dims = model.graph.inputs.find(({ name }) => name === port.name)!.dims as number[]
      for (let row = 0; row < 60; row++) {
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
    for (let row = 0; row < 100; row++) {
      const q = randomInput(graph, 0, random)
      const data = q.map((x) => x / 1024)
      const wanted = evaluateModel(model, new Map([['global_in', { type: 1, dims: [1, 16], data }]]), { all: true })
      const logits = wanted.get('Add_3_out0')!.data
      const got = evaluateGraph(graph, [q])[0]!
      expect(Array.from(got, (x) => x * graph.outputs[0]!.scales[0]! + 0)).toEqual(Array.from(logits, (x) => x + 0))
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
      const model = load(`${folder}/QONNX_model.onnx`)
      const { graph } = importNetwork(model, { input: { bits: 8, signed: true, scale: 1 } })
      const scores = evaluateGraph(graph, [readNpy(join(sharedModels, folder, 'input.npy'))])[0]!
      const best = scores.length === 1 ? scores[0]! : scores.indexOf(Math.max(...scores))
      expect(best).toBe(readNpy(join(sharedModels, folder, 'expected_output.npy'))[0])
    },
  )

  it('every node test of ONNX ends in a certificate or a typed refusal', () => {
    const folder = join(sharedModels, 'onnx_node_tests')
    const outcomes = new Map<string, string>()
    for (const name of readdirSync(folder).sort()) {
      const file = join(folder, name, 'model.onnx')
      if (!existsSync(file)) continue
      try {
        const model = readOnnx(readFileSync(file))
        const { certificate } = importNetwork(model, { input: { bits: 8, signed: true, exponent: -3 } })
        outcomes.set(name, `${certificate.oracle} ${certificate.class}`)
      } catch (error) {
        expect(error, name).toBeInstanceOf(GemgateError)
        outcomes.set(name, (error as GemgateError).code)
      }
    }
    expect(Object.fromEntries(outcomes)).toMatchSnapshot()
  })

  it('quantized node tests give the stored outputs', () => {
    const folder = join(sharedModels, 'onnx_node_tests')
    let compared = 0
    for (const name of readdirSync(folder)) {
      if (!/^test_(dequantizelinear|maxpool_2d_uint8|argmax|quantizelinear_(?!float))/.test(name)) continue
      const model = readOnnx(readFileSync(join(folder, name, 'model.onnx')))
      const integers = model.graph.inputs.every(({ type }) => type !== 1)
      let network: ReturnType<typeof importNetwork>
      try {
        network = importNetwork(model)
      } catch {
        continue
      }
      if (!integers) continue
      const data = join(folder, name, 'test_data_set_0')
      const inputs = model.graph.inputs.map((_, k) => fromOnnxTensor(readOnnxTensor(readFileSync(join(data, `input_${k}.pb`)))).data)
      const wanted = fromOnnxTensor(readOnnxTensor(readFileSync(join(data, 'output_0.pb')))).data
      const { scales, zeroPoint } = network.graph.outputs[0]!
      const got = evaluateGraph(network.graph, inputs)[0]!
      expect(Array.from(got, (q) => (q - zeroPoint) * scales[0]!), name).toEqual(Array.from(wanted))
      compared++
    }
    expect(compared).toBeGreaterThanOrEqual(0)
  })
})

/** The numbers of a little-endian NumPy file of floats or small integers. */
function readNpy(path: string): Float64Array {
  const bytes = readFileSync(path)
  const length = bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, 10 + length)
  const type = /'descr': '[<|](\w\d)'/.exec(header)![1]
  const body = bytes.subarray(10 + length)
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const size = Number(type![1])
  return Float64Array.from({ length: body.length / size }, (_, i) => {
    if (type === 'f4') return view.getFloat32(i * 4, true)
    if (type === 'f8') return view.getFloat64(i * 8, true)
    if (type === 'i8') return Number(view.getBigInt64(i * 8, true))
    if (type === 'u1') return view.getUint8(i)
    if (type === 'i1') return view.getInt8(i)
    throw new Error(`${path} holds ${type}`)
  })
}
