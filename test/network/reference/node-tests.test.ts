import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { readOnnx, readOnnxTensor } from '../../../src/network/onnx/onnx-read.ts'
import { evaluateModel, fromOnnxTensor, type Tensor } from '../../../src/network/reference/index.ts'
import { sharedModels } from '../../support/shared-data.ts'

/** Node tests of the ONNX project that are refused, and why; every other must give the stored outputs. */
const refusals: Readonly<Record<string, RegExp>> = {
  test_dequantizelinear_float4e2m1: /element type float4e2m1/,
  test_quantizelinear_float4e2m1: /element type float4e2m1/,
}

const folder = join(sharedModels, 'onnx_node_tests')
const names = existsSync(folder) ? readdirSync(folder).sort() : []

function tensorsOf(test: string, kind: 'input' | 'output'): Tensor[] {
  const data = join(folder, test, 'test_data_set_0')
  const count = readdirSync(data).filter((file) => file.startsWith(`${kind}_`)).length
  return Array.from({ length: count }, (_, i) =>
    fromOnnxTensor(readOnnxTensor(readFileSync(join(data, `${kind}_${i}.pb`)))),
  )
}

function evaluateTest(test: string): Map<string, Tensor> {
  const model = readOnnx(readFileSync(join(folder, test, 'model.onnx')))
  const inputs = tensorsOf(test, 'input')
  return evaluateModel(model, new Map(model.graph.inputs.map((input, i) => [input.name, inputs[i]!])))
}

describe.skipIf(names.length === 0)(
  `ONNX node tests${names.length === 0 ? ' (SKIPPED: ../shared/models is absent)' : ''}`,
  () => {
    it('are there in number', () => expect(names.length).toBeGreaterThan(90))

    it.each(names.filter((name) => !(name in refusals)))('%s', (test) => {
      const made = [...evaluateTest(test).values()]
      const wanted = tensorsOf(test, 'output')
      expect(made.length).toBe(wanted.length)
      wanted.forEach((tensor, i) => {
        expect(made[i]!.dims).toEqual(tensor.dims)
        expect(made[i]!.type).toBe(tensor.type)
        const tolerance = tensor.type === 1 || tensor.type === 10 ? 1e-5 : 0
        for (let k = 0; k < tensor.data.length; k++) {
          const difference = Math.abs(made[i]!.data[k]! - tensor.data[k]!)
          expect(difference).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(tensor.data[k]!)))
        }
      })
    })

    it.each(names.filter((name) => name in refusals))('%s is refused', (test) => {
      let error: unknown
      try {
        evaluateTest(test)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(GemgateError)
      expect((error as GemgateError).code).toBe('GG_MODEL_UNSUPPORTED')
      expect((error as GemgateError).message).toMatch(refusals[test]!)
    })
  },
)
