import { describe, expect, it } from 'vitest'
import { checkNetwork } from '../../../src/network/import/index.ts'
import { ModelKit } from './model-kit.ts'

describe('checkNetwork', () => {
  it('goes on behind a refused node at the next quantizer and lists every refusal', () => {
    const kit = new ModelKit()
    let x = kit.dequantize(kit.input('x', 'int8', ['N', 4]), 0.25, 'int8')
    x = kit.node('Gemm', [x, kit.floats([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [4, 2])])
    x = kit.node('Relu', [x])
    x = kit.dequantize(kit.quantize(x, 0.5, 'int8'), 0.5, 'int8')
    x = kit.node('MatMul', [x, kit.weights([1, 2, 3, 4], [2, 2], [0.125])])
    x = kit.dequantize(kit.quantize(x, 0.25, 'int8'), 0.25, 'int8')
    x = kit.node('Erf', [x])
    kit.output(kit.quantize(x, 0.125, 'int8'), 'int8')
    const check = checkNetwork(kit.model(), { oracle: 'qdq-float' })
    expect(check.ok).toBe(false)
    expect(check.class).toBeUndefined()
    expect(
      check.nodes.filter(({ verdict }) => verdict === 'refused').map(({ operator }) => operator),
    ).toEqual(['Gemm', 'Erf'])
    expect(check.nodes.find(({ operator }) => operator === 'MatMul')).toMatchObject({
      verdict: 'exact',
      class: 'A',
    })
    expect(check.nodes.find(({ operator }) => operator === 'Relu')).toMatchObject({ verdict: 'skipped' })
    const gemm = check.nodes.find(({ operator }) => operator === 'Gemm')!
    expect(gemm).toMatchObject({ code: 'GG_MODEL_INEXACT', remedy: expect.stringContaining('Quantize') })
  })

  it('lists float weights of every layer, and float inputs', () => {
    const kit = new ModelKit()
    let x = kit.input('x', 'float', ['N', 2])
    for (let layer = 0; layer < 3; layer++)
      x = kit.node('MatMul', [x, kit.floats([0.1, 0.2, 0.3, 0.7], [2, 2])])
    kit.output(x, 'float')
    const check = checkNetwork(kit.model())
    const refused = check.nodes.filter(({ verdict }) => verdict === 'refused')
    expect(refused.map(({ operator }) => operator)).toEqual(['Input', 'MatMul', 'MatMul', 'MatMul'])
  })

  it('says class and oracle of a network that is exact', () => {
    const kit = new ModelKit()
    const x = kit.dequantize(kit.input('x', 'int8', ['N', 2]), 0.1, 'int8')
    const product = kit.node('MatMul', [x, kit.weights([1, 2, 3, 4], [2, 2], [0.03])])
    kit.output(kit.quantize(product, 0.2, 'int8'), 'int8')
    expect(checkNetwork(kit.model())).toMatchObject({ ok: true, oracle: 'fused', class: 'B' })
    expect(checkNetwork(kit.model(), { oracle: 'qonnx' })).toMatchObject({ ok: true, oracle: 'qonnx' })
    expect(checkNetwork(kit.model(), { oracle: 'qdq-float' })).toMatchObject({
      ok: false,
      oracle: 'qdq-float',
    })
  })
})
