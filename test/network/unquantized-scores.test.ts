import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { largestDifference } from '../../src/compare/disagreement.ts'
import type { DenseSpec } from '../../src/network/build-dense.ts'
import { buildDenseOnnx, readOnnx } from '../../src/network/index.ts'
import { unquantizedScores } from '../../src/network/oracle/unquantized-scores.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { recoilSpec } from './random-network.ts'

const vector = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 9, maxLength: 9 })

/** The layers by their definition: real numbers, then steps of the output. */
function forward({ inputExponent, layers }: DenseSpec, features: readonly number[]): number[] {
  let values = features.map((x) => x * 2 ** inputExponent)
  let exponent = inputExponent
  for (const layer of layers) {
    const unit = 2 ** (exponent + layer.weightExponent)
    values = Array.from(layer.bias, (bias, row) => {
      const weights = layer.weights.subarray(row * layer.inputs, (row + 1) * layer.inputs)
      const sum = values.reduce((all, x, i) => all + x * weights[i]! * 2 ** layer.weightExponent, bias * unit)
      return layer.relu ? Math.max(0, sum) : sum
    })
    exponent = layer.outputExponent
  }
  return values.map((real) => real / 2 ** exponent)
}

describe('unquantizedScores', () => {
  it('computes the layers in floating point, in steps of the output', () => {
    const spec = recoilSpec(1)
    const unquantized = unquantizedScores(readOnnx(buildDenseOnnx(spec)))
    fc.assert(
      fc.property(vector, (numbers) => {
        const scores = unquantized(Int8Array.from(numbers))!
        const expected = forward(spec, numbers)
        for (let k = 0; k < 3; k++) expect(scores[k]).toBeCloseTo(expected[k]!, 6)
      }),
      { seed: 4 },
    )
  })

  it('comes close to the shipped network where its activations do not saturate', async () => {
    const { classify, onnx } = await loadRecoilClassifier()
    const unquantized = unquantizedScores(readOnnx(onnx))
    const features = new Int8Array(9)
    const scores = new Int16Array(3)
    classify(features, scores)
    expect(largestDifference(scores, unquantized(features)!)).toBeLessThan(100)
  })

  it('has none where the output is not quantized', () => {
    const model = readOnnx(buildDenseOnnx(recoilSpec(1)))
    const nodes = model.graph.nodes.slice(0, -1)
    const cut = { ...model, graph: { ...model.graph, nodes } }
    expect(unquantizedScores(cut)(new Int8Array(9))).toBeNull()
    const foreign = nodes.map((node) => (node.operator === 'Gemm' ? { ...node, operator: 'Erfinv' } : node))
    const last = model.graph.nodes.at(-1)!
    const unknown = { ...model, graph: { ...model.graph, nodes: [...foreign, last] } }
    expect(unquantizedScores(unknown)(new Int8Array(9))).toBeNull()
  })
})
