import { expect, it } from 'vitest'
import { importNetwork } from '../../../src/network/import/index.ts'
import { findSteps } from '../../../src/network/import/levels.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { compareWithRuntime } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { openRuntime } from './runtime.ts'

/** int8 scores of a scale, Softmax, ArgMax. */
function classifier(scale: number): OnnxModel {
  const kit = new ModelKit()
  const scores = kit.dequantize(kit.input('x', 'int8', [1, 5]), scale, 'int8')
  const probabilities = kit.node('Softmax', [scores], { axis: 1 })
  kit.output(kit.node('ArgMax', [probabilities], { axis: 1, keepdims: 0 }), 'int64')
  return kit.model()
}

it('the class of the largest probability is that of the largest score while scores are apart', async () => {
  for (const exponent of [-17, -9, -4, 0, 3]) {
    const { certificate } = await compareWithRuntime(classifier(2 ** exponent), { seed: 5, rows: 40 })
    expect(certificate.class).toBe('A')
  }
})

it('scores so near to each other that their probabilities tie are refused, because ONNX takes the first', async () => {
  const runtime = await openRuntime(classifier(2 ** -26))
  const [first] = await runtime.run([Int8Array.of(0, 1, 0, 0, 0)])
  expect(Number(first![0])).toBe(0)
  expect(() => importNetwork(classifier(2 ** -26))).toThrow(
    expect.objectContaining({ code: 'GG_MODEL_INEXACT', remedy: expect.stringContaining('without Softmax') }),
  )
})

it('dequantized scores are ordered as their integers, whatever the one scale', async () => {
  for (const [scale, zero] of [
    [0.1, 0],
    [0.0123, -7],
    [3.3e-5, 100],
  ] as const) {
    const kit = new ModelKit()
    const scores = kit.dequantize(kit.input('x', 'int8', [1, 5]), scale, 'int8', zero)
    kit.output(kit.node('ArgMax', [scores], { axis: 1, keepdims: 0 }), 'int64')
    await compareWithRuntime(kit.model(), { seed: 6, rows: 40 })
  }
})

it('a quantizer with more steps than 16 bits have is refused instead of collected', () => {
  const steps = (count: number) =>
    findSteps([{ kind: 'multiply', value: 3 }], { min: 0, max: count, step: 1 }, (q) => q)
  expect(steps(1000)).toMatchObject({ starts: { length: 1000 } })
  expect(() => steps(2 ** 22)).toThrow(expect.objectContaining({ code: 'GG_MODEL_UNSUPPORTED' }))
})
