import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { decodeNpyArray } from '../../../src/frame/npy-array.ts'
import { type OnnxModel, onnxTypes } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx, readOnnxTensor } from '../../../src/network/onnx/onnx-read.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import { openTensorSession } from '../../../src/network/oracle/tensor-session.ts'
import {
  countElements,
  evaluateModel,
  floatTensor,
  foldConstants,
  fromOnnxTensor,
  inferShapes,
  isQuantizer,
  type Tensor,
} from '../../../src/network/reference/index.ts'
import { sharedModels } from '../../support/shared-data.ts'

const present = (...files: string[]): boolean => files.every((file) => existsSync(join(sharedModels, file)))
const modelOf = (file: string) => readOnnx(readFileSync(join(sharedModels, file)))
/** A test that skips visibly when its files are not beside the checkout. */
const withFiles = (name: string, files: string[], test: () => void | Promise<void>): void =>
  it.skipIf(!present(...files))(present(...files) ? name : `${name} (SKIPPED: files absent)`, test)

/** The numbers of a NumPy file, whatever its shape. */
function readNpy(file: string): Float64Array {
  return Float64Array.from(decodeNpyArray(readFileSync(join(sharedModels, file)), file).data, Number)
}

function argmax(x: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < x.length; i++) if (x[i]! > x[best]!) best = i
  return best
}

const digits = 'finn/build_dataflow/input.npy'

describe('public networks give the results that their makers publish', () => {
  for (const name of ['TFC_1W1A', 'TFC_1W2A', 'TFC_2W2A']) {
    const file = `qonnx_zoo/tfc/${name}.onnx`
    withFiles(`${name} reads 7 2 1 0`, [file, digits], () => {
      const model = modelOf(file)
      const pixels = readNpy(digits)
      const answers = (options: { precision?: 'float64' }): number[] =>
        [0, 1, 2, 3].map((k) => {
          const picture = pixels.subarray(k * 784, (k + 1) * 784).map((x) => x / 255)
          const out = evaluateModel(model, new Map([['0', floatTensor([1, 1, 28, 28], picture)]]), options)
          return argmax([...out.values()][0]!.data)
        })
      expect(answers({})).toEqual([7, 2, 1, 0])
      expect(answers({ precision: 'float64' })).toEqual([7, 2, 1, 0])
    })
  }

  withFiles('the FINN tutorial network reads 7 2 1 0', ['finn/tfc_fpga_flow/model.onnx', digits], () => {
    const model = modelOf('finn/tfc_fpga_flow/model.onnx')
    const pixels = readNpy(digits)
    const expected = [...readNpy('finn/build_dataflow/expected_output.npy')]
    const made = [0, 1, 2, 3].map((k) => {
      const picture = floatTensor([1, 1, 28, 28], pixels.subarray(k * 784, (k + 1) * 784))
      return [...evaluateModel(model, new Map([['global_in', picture]])).values()][0]!.data[0]
    })
    expect(made).toEqual([7, 2, 1, 0])
    expect(expected).toEqual(made)
  })

  const mnist = 'qonnx_testdata/mnist-conv'
  withFiles('mnist-conv gives the stored output', [`${mnist}/model.onnx`], () => {
    const [input, output] = ['input_0', 'output_0'].map((name) =>
      fromOnnxTensor(
        readOnnxTensor(readFileSync(join(sharedModels, mnist, 'test_data_set_0', `${name}.pb`))),
      ),
    ) as [Tensor, Tensor]
    const made = evaluateModel(modelOf(`${mnist}/model.onnx`), new Map([['Input3', input]]))
    const scores = made.get('Plus214_Output_0')!
    expect(scores.dims).toEqual(output.dims)
    expect(Math.max(...scores.data.map((x, i) => Math.abs(x - output.data[i]!)))).toBeLessThan(
      1e-5 * Math.max(...output.data.map(Math.abs)),
    )
  })

  const kws = 'mlperf_tiny/v0.7_finn_kws_w3a3'
  withFiles('the keyword spotter hears word 3', [`${kws}/QONNX_model.onnx`], () => {
    const model = modelOf(`${kws}/QONNX_model.onnx`)
    const [input] = model.graph.inputs
    const features = floatTensor([...inferShapes(model).get(input!.name)!], readNpy(`${kws}/input.npy`))
    const scores = [...evaluateModel(model, new Map([[input!.name, features]])).values()][0]!.data
    expect(argmax(scores)).toBe(3)
    const published = [2.290223, -3.0462184, -1.8455203, 5.4476175]
    for (let i = 0; i < published.length; i++) expect(scores[i]).toBeCloseTo(published[i]!, 5)
  })

  withFiles(
    'the jet tagger keeps its activations on their grids',
    ['qonnx_zoo/jettagging/qkeras_jettagging.onnx'],
    () => {
      const model = modelOf('qonnx_zoo/jettagging/qkeras_jettagging.onnx')
      const random = new Random(3)
      for (let run = 0; run < 20; run++) {
        const x = floatTensor(
          [1, 16],
          Array.from({ length: 16 }, () => random.normal()),
        )
        const all = evaluateModel(model, new Map([['global_in', x]]), { all: true })
        const real = evaluateModel(model, new Map([['global_in', x]]), { precision: 'float64', all: true })
        const constants = new Set(model.graph.initializers.map((tensor) => tensor.name))
        let activations = 0
        for (const node of model.graph.nodes.filter(isQuantizer)) {
          if (constants.has(node.inputs[0]!)) continue
          const made = all.get(node.outputs[0]!)!
          // Unsigned 6 bits with scale 2^-6.
          for (const value of made.data)
            expect(Number.isInteger(value * 64) && value >= 0 && value < 1).toBe(true)
          activations++
          if (activations === 1) expect(made.data.some((value) => value > 0)).toBe(true)
        }
        expect(activations).toBe(3)
        const [a, b] = [all, real].map((values) => values.get('global_out')!.data) as [
          Float64Array,
          Float64Array,
        ]
        expect(a.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
        for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, 2)
      }
    },
  )

  /** ONNX Runtime reads operator sets from 7 on; these differ from 6 in attributes that mean nothing here. */
  const modernized = (model: OnnxModel): OnnxModel => {
    const obsolete = new Set(['broadcast', 'is_test', 'consumed_inputs'])
    const nodes = model.graph.nodes.map((node) => ({
      ...node,
      attributes: node.attributes.filter(({ name }) => !obsolete.has(name)),
    }))
    return { ...model, opsets: new Map([['', 9]]), graph: { ...model.graph, nodes } }
  }

  for (const file of [
    'hls4ml_example_models/conv2d_small_keras.onnx',
    'hls4ml_example_models/three_layer_keras.onnx',
    'hls4ml_example_models/three_layer_bn_pytorch.onnx',
    `${mnist}/model.onnx`,
  ])
    withFiles(`${file} agrees with ONNX Runtime`, [file], async () => {
      const model = modelOf(file)
      const constants = new Set(model.graph.initializers.map((tensor) => tensor.name))
      const input = model.graph.inputs.find((value) => !constants.has(value.name))!
      // One export declares its training set of 789444 vectors as its batch.
      const dims = input.dims!.map((dim, axis) => (axis === 0 ? 1 : (dim as number)))
      const inputs = model.graph.inputs.map((value) => (value === input ? { ...value, dims } : value))
      const outputs = model.graph.outputs.map(({ name, type }) => ({ name, type }))
      const single = { ...model, graph: { ...model.graph, inputs, outputs } }
      const old = model.opsets.get('')! < 7
      await using runtime = await openTensorSession(writeOnnx(old ? modernized(single) : single))
      const random = new Random(5)
      for (let run = 0; run < 10; run++) {
        const data = Array.from({ length: countElements(dims) }, () => random.normal())
        const feeds = new Map([[input.name, floatTensor(dims, data)]])
        const wanted = await runtime.run(feeds)
        for (const [name, tensor] of evaluateModel(single, feeds)) {
          const exact = wanted.get(name)!.data
          const scale = Math.max(1, ...exact.map(Math.abs))
          for (let i = 0; i < exact.length; i++)
            expect(Math.abs(tensor.data[i]! - exact[i]!) / scale).toBeLessThan(1e-5)
        }
      }
    })

  withFiles(
    'folding keeps the results and takes the shape arithmetic away',
    ['qonnx_zoo/tfc/TFC_2W2A.onnx'],
    () => {
      const model = modelOf('qonnx_zoo/tfc/TFC_2W2A.onnx')
      const folded = foldConstants(model, { inputDims: new Map() })
      const operators = new Set(folded.graph.nodes.map((node) => node.operator))
      for (const gone of ['Shape', 'Gather', 'Unsqueeze', 'Concat', 'Constant'])
        expect(operators.has(gone)).toBe(false)
      const quantizers = (nodes: typeof model): number => nodes.graph.nodes.filter(isQuantizer).length
      expect(quantizers(folded)).toBe(quantizers(model))
      const all = foldConstants(model, { inputDims: new Map(), fold: () => true })
      expect(quantizers(all)).toBe(4)
      const picture = readNpy(digits)
        .subarray(0, 784)
        .map((x) => x / 255)
      const feeds = new Map([['0', floatTensor([1, 1, 28, 28], picture)]])
      const [a, b, c] = [model, folded, all].map((m) => [...evaluateModel(m, feeds).values()][0]!)
      expect(b).toEqual(a)
      expect(c).toEqual(a)
      expect(a!.type).toBe(onnxTypes.float)
    },
  )
})
