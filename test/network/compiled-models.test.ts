import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyNetwork } from '../../src/cli/network-verify.ts'
import { Random } from '../../src/core/random.ts'
import { type CompileOptions, compileNetwork } from '../../src/network/compile.ts'
import type { InputGrid } from '../../src/network/import/index.ts'
import type { OnnxModel } from '../../src/network/onnx/onnx-model.ts'
import { readOnnx } from '../../src/network/onnx/onnx-read.ts'
import { quantizeModel } from '../../src/network/quantize/index.ts'
import { floatTensor, type Tensor } from '../../src/network/reference/index.ts'
import { sharedModels } from '../support/shared-data.ts'

const present = (path: string): boolean => existsSync(join(sharedModels, path))
const load = (path: string): OnnxModel => readOnnx(readFileSync(join(sharedModels, path)))
const title = (path: string, what: string): string =>
  present(path) ? `${path}, ${what}` : `${path}, ${what} (SKIPPED: not in ../shared/models)`

const unit: InputGrid = { bits: 8, signed: false, scale: Math.fround(1 / 255) }
const pixels: InputGrid = { bits: 8, signed: false, scale: 1 }
const features: InputGrid = { bits: 10, signed: true, exponent: -6 }
const quick = { adderGraphs: { effort: 0 } }

const quantized: readonly (readonly [string, CompileOptions, number, string])[] = [
  ['qonnx_zoo/jettagging/qkeras_jettagging.onnx', { input: features, architecture: 'unrolled' }, 10_000, 'A'],
  ['qonnx_zoo/jettagging/qkeras_jettagging.onnx', { input: features, architecture: 'folded' }, 1000, 'A'],
  ['qonnx_zoo/tfc/TFC_1W1A.onnx', { input: unit, architecture: 'folded' }, 1000, 'B'],
  ['qonnx_zoo/tfc/TFC_1W2A.onnx', { input: unit, architecture: 'folded' }, 1000, 'B'],
  ['qonnx_zoo/tfc/TFC_2W2A.onnx', { input: unit, architecture: 'folded' }, 1000, 'B'],
  ['finn/tfc_fpga_flow/model.onnx', { input: pixels, architecture: 'folded' }, 1000, 'B'],
]

describe('public quantized networks: specification = simulated Verilog = oracle', () => {
  for (const [path, options, count, certificateClass] of quantized)
    test.skipIf(!present(path))(title(path, `${options.architecture}`), { timeout: 120_000 }, async () => {
      const model = load(path)
      const network = await compileNetwork(model, { ...quick, ...options })
      expect(network.certificate.class).toBe(certificateClass)
      expect(await verifyNetwork(model, network, count)).toMatchObject({ inputs: count, differences: 0 })
    })
})

const floats: readonly (readonly [string, readonly number[], CompileOptions])[] = [
  ['hls4ml_example_models/three_layer_keras.onnx', [1, 16], { architecture: 'folded' }],
  ['hls4ml_example_models/three_layer_bn_pytorch.onnx', [1, 16], { architecture: 'folded' }],
  ['hls4ml_example_models/conv2d_small_keras.onnx', [1, 8, 8, 1], {}],
  ['qonnx_testdata/mnist-conv/model.onnx', [1, 1, 28, 28], {}],
]

describe('public float networks, quantized by gemgate: specification = simulated Verilog = ONNX Runtime', () => {
  for (const [path, dims, options] of floats)
    test.skipIf(!present(path))(
      title(path, options.architecture ?? 'auto'),
      { timeout: 120_000 },
      async () => {
        const { model } = quantizeModel(load(path), calibration(dims), { weightBits: 6 })
        const network = await compileNetwork(model, { ...quick, ...options })
        expect(network.certificate).toMatchObject({ class: 'A', oracle: 'qdq-float' })
        const { differences, against } = await verifyNetwork(model, network, 1000)
        expect({ differences, runtime: against.startsWith('ONNX Runtime') }).toEqual({
          differences: 0,
          runtime: true,
        })
      },
    )
})

function calibration(dims: readonly number[]): Tensor[] {
  const random = new Random(3)
  const size = dims.reduce((product, dim) => product * dim, 1)
  return Array.from({ length: 8 }, () =>
    floatTensor(
      [...dims],
      Float64Array.from({ length: size }, () => Math.abs(random.normal())),
    ),
  )
}
