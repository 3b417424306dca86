import { describe, expect, it } from 'vitest'
import { evaluateModel } from '../../../src/network/reference/evaluate-model.ts'
import { floatTensor } from '../../../src/network/reference/tensor.ts'
import { type Attributes, feedsOf, singleNodeModel } from './single-node.ts'

/** One QONNX operator on a vector with scalar parameters. */
function apply(
  operator: string,
  x: readonly number[],
  parameters: readonly number[],
  attributes: Attributes = {},
  domain = 'qonnx.custom_op.general',
  precision: 'float32' | 'float64' = 'float32',
): number[] {
  const inputs = [floatTensor([x.length], x), ...parameters.map((value) => floatTensor([], [value]))]
  const node = { operator, domain, inputs, attributes }
  return [...evaluateModel(singleNodeModel(node), feedsOf(node), { precision }).get('o0')!.data]
}

describe('Quant', () => {
  const ties = [-2.5, -1.5, -0.75, -0.5, 0.5, 0.75, 1.5, 2.5]
  const quant = (mode: string): number[] =>
    apply('Quant', ties, [1, 0, 8], { signed: 1, narrow: 0, rounding_mode: mode })

  it.each([
    ['ROUND', [-2, -2, -1, 0, 0, 1, 2, 2]],
    ['CEIL', [-2, -1, 0, 0, 1, 1, 2, 3]],
    ['FLOOR', [-3, -2, -1, -1, 0, 0, 1, 2]],
    ['UP', [-3, -2, -1, -1, 1, 1, 2, 3]],
    ['DOWN', [-2, -1, 0, 0, 0, 0, 1, 2]],
    ['HALF_UP', [-3, -2, -1, -1, 1, 1, 2, 3]],
    ['HALF_DOWN', [-2, -1, -1, 0, 0, 1, 1, 2]],
  ])('rounds %s', (mode, wanted) => {
    expect(quant(mode).map((x) => x + 0)).toEqual(wanted)
    expect(quant(mode.toLowerCase())).toEqual(quant(mode))
  })

  it('clips to the signed, unsigned and narrow ranges', () => {
    const x = [-100, 100]
    const of = (signed: number, narrow: number): number[] => apply('Quant', x, [1, 0, 4], { signed, narrow })
    expect(of(1, 0)).toEqual([-8, 7])
    expect(of(1, 1)).toEqual([-7, 7])
    expect(of(0, 0).map((y) => y + 0)).toEqual([0, 15])
    expect(of(0, 1).map((y) => y + 0)).toEqual([0, 14])
  })

  it('adds the zero point before it clips and rounds', () => {
    // 0.5 + 3 is a tie between 3 and 4 and goes to 4; QuantizeLinear would round 0.5 to 0 first.
    expect(apply('Quant', [0.5], [1, 3, 8], { signed: 0, narrow: 0 })).toEqual([1])
    expect(apply('Quant', [100, -100], [0.5, 3, 4], { signed: 0, narrow: 0 })).toEqual([6, -1.5])
  })

  it('has a scale and a width for each channel, and one signed bit means -1 or 1', () => {
    const inputs = [
      floatTensor([2, 3], [-5, 0, 5, -5, 0, 5]),
      floatTensor([2, 1], [0.5, 2]),
      floatTensor([], [0]),
      floatTensor([2, 1], [1, 3]),
    ]
    const node = {
      operator: 'IntQuant',
      domain: 'onnx.brevitas',
      inputs,
      attributes: { signed: 1, narrow: 0 },
    }
    const made = evaluateModel(singleNodeModel(node), feedsOf(node)).get('o0')!
    expect([...made.data].map((x) => x + 0)).toEqual([-0.5, 0.5, 0.5, -4, 0, 4])
  })

  it('is found in every domain that exporters have used', () => {
    for (const domain of ['', 'qonnx.custom_op.general', 'onnx.brevitas', 'finn.custom_op.general'])
      expect(apply('Quant', [0.3], [0.25, 0, 4], {}, domain)).toEqual([0.25])
  })

  it('rounds to float32 in between, unless over the real numbers', () => {
    // 0.35 / 0.1 is just below 3.5 over the reals, and a tie in float32.
    const x = Math.fround(0.35)
    const s = Math.fround(0.1)
    expect(x / s).toBeLessThan(3.5)
    expect(Math.fround(x / s)).toBe(3.5)
    expect(apply('Quant', [x], [s, 0, 8], {})).toEqual([Math.fround(4 * s)])
    expect(apply('Quant', [x], [s, 0, 8], {}, 'onnx.brevitas', 'float64')).toEqual([3 * s])
  })
})

describe('the other quantizers', () => {
  it('BipolarQuant takes 0 for positive', () => {
    expect(apply('BipolarQuant', [-0.1, 0, 3], [0.5])).toEqual([-0.5, 0.5, 0.5])
  })
  it('Trunc of version 1 drops bits and keeps the scale', () => {
    expect(apply('Trunc', [13, -13, 7], [1, 0, 8, 6], { rounding_mode: 'FLOOR' })).toEqual([3, -4, 1])
    expect(apply('Trunc', [13, -13, 7], [1, 0, 8, 6], { rounding_mode: 'ROUND' })).toEqual([3, -3, 2])
  })
  it('Trunc of version 2 takes the new scale and clips', () => {
    const v2 = (x: number[], bits: number): number[] =>
      apply('Trunc', x, [0.25, 0, 8, 1, 0, bits], { rounding_mode: 'FLOOR', signed: 1, narrow: 0 })
    expect(v2([3.25, -3.25, 1.75], 6)).toEqual([3, -4, 1])
    expect(v2([3.25, -3.25, 1.75], 2)).toEqual([1, -2, 1])
  })
  it('MultiThreshold counts the thresholds that each channel reaches', () => {
    const of = (attributes: Attributes, dims: number[], x: number[], rows: number[][]): number[] => {
      const inputs = [floatTensor(dims, x), floatTensor([rows.length, rows[0]!.length], rows.flat())]
      const node = { operator: 'MultiThreshold', domain: 'finn.custom_op.general', inputs, attributes }
      const model = singleNodeModel({ ...node, floats: ['out_scale', 'out_bias'] })
      return [...evaluateModel(model, feedsOf(node)).get('o0')!.data]
    }
    const rows = [
      [0, 1, 2],
      [10, 20, 30],
    ]
    const bipolar = { out_scale: 2, out_bias: -1, out_dtype: 'BIPOLAR' }
    expect(of({}, [1, 2, 2], [1, 5, 10, 9.9], rows)).toEqual([2, 3, 1, 0])
    expect(of({ data_layout: 'NHWC' }, [1, 1, 2, 2], [1, 10, 5, 9.9], rows)).toEqual([2, 1, 3, 0])
    expect(of(bipolar, [1, 3], [-1, 0, 1], [[0]])).toEqual([-1, 1, 1])
  })
})
