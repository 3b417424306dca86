import { describe, expect, it } from 'vitest'
import { onnxTypes } from '../../../src/network/onnx/onnx-model.ts'
import { evaluateModel } from '../../../src/network/reference/evaluate-model.ts'
import { floatTensor, type Tensor } from '../../../src/network/reference/tensor.ts'
import { feedsOf, singleNodeModel } from './single-node.ts'

const numbers = floatTensor([2, 2], [1, 2, 3, Number.NaN])
const two = floatTensor([], [2])

function apply(operator: string, inputs: Tensor[], type: number): Tensor {
  const node = { operator, inputs, outputs: [type] }
  return evaluateModel(singleNodeModel(node), feedsOf(node)).get('o0')!
}

describe('comparisons', () => {
  it.each([
    ['Greater', [0, 0, 1, 0]],
    ['GreaterOrEqual', [0, 1, 1, 0]],
    ['Less', [1, 0, 0, 0]],
    ['LessOrEqual', [1, 1, 0, 0]],
    ['Equal', [0, 1, 0, 0]],
  ])('%s makes booleans', (operator, wanted) => {
    const made = apply(operator, [numbers, two], onnxTypes.bool)
    expect(made).toEqual({ type: onnxTypes.bool, dims: [2, 2], data: Float64Array.from(wanted) })
  })

  it('Where chooses, with all three broadcast', () => {
    const condition = { type: onnxTypes.bool, dims: [2, 1], data: Float64Array.of(1, 0) }
    const made = apply('Where', [condition, floatTensor([3], [1, 2, 3]), two], onnxTypes.float)
    expect([...made.data]).toEqual([1, 2, 3, 2, 2, 2])
    expect(made.dims).toEqual([2, 3])
  })
})
