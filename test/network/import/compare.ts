import { expect } from 'vitest'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import type { ImportOptions } from '../../../src/network/import/index.ts'
import { fusedModel, type ImportedNetwork, importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { evaluateReal, openRuntime, randomInput, seeded } from './runtime.ts'

export interface Comparison {
  readonly seed: number
  readonly rows?: number
  /** Also with ONNX Runtime's own optimisations: for class A only. */
  readonly optimised?: boolean
  readonly options?: ImportOptions
}

/**
 * Imports a model and compares the integer graph with ONNX Runtime on the file of the named oracle: integer
 * outputs element by element, float outputs as float32.
 */
export async function compareWithRuntime(
  model: OnnxModel,
  { seed, rows = 12, optimised = false, options = {} }: Comparison,
): Promise<ImportedNetwork> {
  const network = importNetwork(model, options)
  const random = seeded(seed)
  const oracle = network.certificate.oracle === 'fused' ? fusedModel(model) : model
  const floats = model.graph.outputs.map(({ type }) => type === 1)
  for (const optimise of optimised ? [false, true] : [false]) {
    const runtime = await openRuntime(oracle, optimise)
    for (let row = 0; row < rows; row++) {
      const inputs = network.graph.inputs.map((_, k) => randomInput(network.graph, k, random))
      const hosted = model.graph.inputs.map((input, k) =>
        input.type === 1 ? hostNumbers(network, k, inputs[k]!) : inputs[k]!,
      )
      const expected = await runtime.run(hosted)
      const integers = evaluateGraph(network.graph, inputs)
      const reals = evaluateReal(network, inputs)
      expected.forEach((wanted, k) => {
        expect(Array.from(floats[k] ? reals[k]! : integers[k]!, (x) => x + 0)).toEqual(
          Array.from(wanted, (x) => x + 0),
        )
      })
    }
    await runtime.close()
  }
  return network
}

function hostNumbers({ graph }: ImportedNetwork, at: number, q: Float64Array): Float64Array {
  const { scales, zeroPoint } = graph.inputs[at]!
  return q.map((x) => Math.fround((x - zeroPoint) * scales[0]!))
}

export const integer = (random: () => number, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1))

export const integers = (random: () => number, n: number, low = -127, high = 127): number[] =>
  Array.from({ length: n }, () => integer(random, low, high))

/** A float32 scale, now and then a power of two. */
export const mixedScale = (random: () => number, low: number, high: number): number => {
  const scale = anyScale(random, low, high)
  return random() < 0.3 ? 2 ** Math.round(Math.log2(scale)) : scale
}

/** A float32 scale that is no power of two. */
export const anyScale = (random: () => number, low: number, high: number): number =>
  Math.fround(low * (high / low) ** random())
