import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { onnxTypes } from '../../../src/network/onnx/onnx-model.ts'
import { allIntegerRanges } from '../../../src/network/onnx/onnx-tensor.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import { openTensorSession } from '../../../src/network/oracle/tensor-session.ts'
import { evaluateModel } from '../../../src/network/reference/evaluate-model.ts'
import { countElements, floatTensor, type Tensor } from '../../../src/network/reference/tensor.ts'
import { type Attributes, feedsOf, type SingleNode, singleNodeModel } from './single-node.ts'

const { float, int8, uint8, int16, uint16, int32, int64 } = onnxTypes

/** Largest difference from ONNX Runtime over all outputs, and how many elements differ at all. */
async function compare(node: SingleNode): Promise<{ largest: number; differing: number; total: number }> {
  const model = singleNodeModel(node)
  await using runtime = await openTensorSession(writeOnnx(model))
  const feeds = feedsOf(node)
  const wanted = await runtime.run(feeds)
  const made = evaluateModel(model, feeds)
  let [largest, differing, total] = [0, 0, 0]
  for (const [name, tensor] of wanted) {
    const mine = made.get(name)!
    expect(mine.dims).toEqual(tensor.dims)
    expect(mine.type).toBe(tensor.type)
    for (let i = 0; i < tensor.data.length; i++) {
      const [a, b] = [mine.data[i]!, tensor.data[i]!]
      const difference = a === b || (Number.isNaN(a) && Number.isNaN(b)) ? 0 : Math.abs(a - b)
      largest = Math.max(largest, difference / Math.max(1, Math.abs(b)))
      if (difference > 0) differing++
      total++
    }
  }
  return { largest, differing, total }
}

/** Random tensors; every call of the same seed gives the same ones. */
function source(seed: number) {
  const random = new Random(seed)
  return {
    random,
    floats: (...dims: number[]): Tensor =>
      floatTensor(
        dims,
        Array.from({ length: countElements(dims) }, () => random.normal() * 2),
      ),
    integers: (type: number, ...dims: number[]): Tensor => {
      const [low, high] = type === int32 ? [-5000, 5000] : allIntegerRanges.get(type)!
      const data = Float64Array.from(
        { length: countElements(dims) },
        () => low + random.integer(high - low + 1),
      )
      return { type, dims, data }
    },
    scale: (...dims: number[]): Tensor =>
      floatTensor(
        dims,
        Array.from({ length: countElements(dims) }, () =>
          random.integer(2) === 0 ? 2 ** -random.integer(8) : 0.003 + random.uniform() * 0.2,
        ),
      ),
    constant: (type: number, ...values: number[]): Tensor => ({
      type,
      dims: values.length === 1 ? [] : [values.length],
      data: Float64Array.from(values),
    }),
  }
}

const seeds = Array.from({ length: 12 }, (_, i) => i + 1)

describe('quantized operators equal ONNX Runtime in every element', () => {
  const exactly = (name: string, make: (seed: number) => SingleNode): void => {
    it(name, async () => {
      for (const seed of seeds) {
        const node = make(seed)
        const { differing, total } = await compare(node)
        expect(total).toBeGreaterThan(20)
        expect(differing, `seed ${seed}`).toBe(0)
      }
    })
  }
  const pick = (seed: number): number => (seed % 2 === 0 ? int8 : uint8)

  exactly('QuantizeLinear', (seed) => {
    const s = source(seed)
    const type = [int8, uint8, int16, uint16][seed % 4]!
    const axis = seed % 3 === 0
    const zero = s.integers(type, ...(axis ? [5] : []))
    const inputs = [s.floats(4, 5, 30), s.scale(...(axis ? [5] : [])), zero]
    return {
      operator: 'QuantizeLinear',
      inputs,
      attributes: axis ? { axis: 1 } : {},
      opset: 21,
      outputs: [type],
    }
  })
  exactly('DequantizeLinear', (seed) => {
    const s = source(seed)
    const type = [int8, uint8, int16, int32][seed % 4]!
    const zero = type === int32 ? undefined : s.integers(type, 5)
    const inputs = [s.integers(type, 4, 5, 30), s.scale(5), zero]
    return { operator: 'DequantizeLinear', inputs, attributes: { axis: 1 }, opset: 21, outputs: [float] }
  })
  exactly('QLinearConv', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const perChannel = seed % 3 === 0
    const inputs = [
      s.integers(type, 2, 4, 9, 8),
      s.scale(),
      s.integers(type),
      s.integers(int8, 6, 2, 3, 3),
      s.scale(...(perChannel ? [6] : [])),
      perChannel ? s.constant(int8, 0, 0, 0, 0, 0, 0) : s.constant(int8, 0),
      floatTensor([], [1.5 + s.random.uniform() * 5]),
      s.integers(type),
      s.integers(int32, 6),
    ]
    const attributes = { group: 2, pads: [1, 0, 1, 2], strides: [1, 2], kernel_shape: [3, 3] }
    return { operator: 'QLinearConv', inputs, constants: [1, 2, 3, 4, 5, 6, 7, 8], attributes }
  })
  exactly('QLinearMatMul', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const inputs = [
      s.integers(type, 7, 16),
      s.scale(),
      s.integers(type),
      s.integers(type, 16, 9),
      s.scale(),
      s.integers(type),
      floatTensor([], [1.5 + s.random.uniform() * 5]),
      s.integers(type),
    ]
    return { operator: 'QLinearMatMul', inputs, constants: [1, 2, 3, 4, 5, 6, 7] }
  })
  exactly('QGemm', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const inputs = [
      s.integers(type, 7, 16),
      s.scale(),
      s.integers(type),
      s.integers(int8, 9, 16),
      s.scale(),
      s.constant(int8, 0),
      s.integers(int32, 9),
      floatTensor([], [1.5 + s.random.uniform() * 5]),
      s.integers(type),
    ]
    const attributes = { transB: 1, alpha: seed % 3 === 0 ? 0.7 : 1 }
    const node = { operator: 'QGemm', domain: 'com.microsoft', inputs, attributes, floats: ['alpha'] }
    return { ...node, constants: [1, 2, 3, 4, 5, 6, 7, 8] }
  })
  for (const operator of ['QLinearAdd', 'QLinearMul'])
    exactly(operator, (seed) => {
      const s = source(seed)
      const type = pick(seed)
      const dims = (scalar: boolean): number[] => (scalar ? [] : [3, 300])
      const first = s.integers(type, ...dims(seed % 3 === 1))
      const second = s.integers(type, ...dims(seed % 3 === 0))
      const inputs = [first, s.scale(), s.integers(type), second, s.scale()]
      inputs.push(s.integers(type), s.scale(), s.integers(type))
      return { operator, domain: 'com.microsoft', inputs, constants: [1, 2, 4, 5, 6, 7] }
    })
  exactly('QLinearLeakyRelu', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const inputs = [s.integers(type, 3, 300), s.scale(), s.integers(type), s.scale(), s.integers(type)]
    const attributes = { alpha: 0.3 }
    return {
      operator: 'QLinearLeakyRelu',
      domain: 'com.microsoft',
      inputs,
      constants: [1, 2, 3, 4],
      attributes,
    }
  })
  exactly('QLinearSigmoid', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const to = floatTensor([], [1 / 256])
    const inputs = [s.integers(type, 3, 300), s.scale(), s.integers(type), to, s.integers(type)]
    return { operator: 'QLinearSigmoid', domain: 'com.microsoft', inputs, constants: [1, 2, 3, 4] }
  })
  exactly('QLinearConcat', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const inputs = [s.scale(), s.integers(type)]
    for (const size of [3, 5]) inputs.push(s.integers(type, 20, size), s.scale(), s.integers(type))
    const node = { operator: 'QLinearConcat', domain: 'com.microsoft', inputs, attributes: { axis: 1 } }
    return { ...node, constants: [0, 1, 3, 4, 6, 7], outputs: [type] }
  })
  exactly('QLinearAveragePool', (seed) => {
    const s = source(seed)
    const type = pick(seed)
    const inputs = [s.integers(type, 2, 3, 9, 8), s.scale(), s.integers(type), s.scale(), s.integers(type)]
    const attributes = {
      kernel_shape: [3, 2],
      strides: [2, 1],
      pads: [1, 0, 1, 1],
      count_include_pad: seed % 3 === 0 ? 1 : 0,
    }
    const node = { operator: 'QLinearAveragePool', domain: 'com.microsoft', inputs, attributes }
    return { ...node, constants: [1, 2, 3, 4] }
  })
  exactly('QLinearGlobalAveragePool', (seed) => {
    const s = source(seed)
    const inputs = [s.integers(uint8, 4, 9, 5, 7), s.scale(), s.integers(uint8), s.scale(), s.integers(uint8)]
    return { operator: 'QLinearGlobalAveragePool', domain: 'com.microsoft', inputs, constants: [1, 2, 3, 4] }
  })
  exactly('MatMulInteger', (seed) => {
    const s = source(seed)
    const inputs = [s.integers(uint8, 7, 16), s.integers(int8, 16, 9), s.integers(uint8), s.constant(int8, 3)]
    return { operator: 'MatMulInteger', inputs, outputs: [int32] }
  })
  exactly('ConvInteger', (seed) => {
    const s = source(seed)
    const inputs = [s.integers(uint8, 1, 3, 8, 8), s.integers(uint8, 4, 3, 3, 3), s.integers(uint8)]
    return { operator: 'ConvInteger', inputs, outputs: [int32], attributes: { pads: [1, 1, 0, 0] } }
  })
  exactly('DynamicQuantizeLinear', (seed) => ({
    operator: 'DynamicQuantizeLinear',
    inputs: [source(seed).floats(6, 40)],
    outputs: [uint8, float, uint8],
  }))
})

describe('float operators agree with ONNX Runtime', () => {
  const closely = (name: string, tolerance: number, make: (seed: number) => SingleNode): void => {
    it(name, async () => {
      for (const seed of seeds.slice(0, 6)) {
        const { largest, total } = await compare(make(seed))
        expect(total).toBeGreaterThan(0)
        expect(largest, `seed ${seed}`).toBeLessThanOrEqual(tolerance)
      }
    })
  }
  const modes = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID']
  const windowOf = (seed: number): Record<string, string | number[]> =>
    seed % 4 === 0
      ? { pads: [1, 0, 2, 1], dilations: [2, 1], strides: [1, 2] }
      : { auto_pad: modes[seed % 4]!, strides: [2, 1] }
  const vector = (...values: number[]): Tensor => ({
    type: int64,
    dims: [values.length],
    data: Float64Array.from(values),
  })

  closely('Conv over two axes', 1e-5, (seed) => {
    const s = source(seed)
    return {
      operator: 'Conv',
      inputs: [s.floats(2, 4, 9, 8), s.floats(6, 2, 3, 3), s.floats(6)],
      attributes: { group: 2, ...windowOf(seed) },
    }
  })
  closely('Conv over one axis', 1e-5, (seed) => {
    const s = source(seed)
    const attributes = { pads: [seed % 3, 1], strides: [1 + (seed % 2)], dilations: [1 + (seed % 3)] }
    return { operator: 'Conv', inputs: [s.floats(2, 4, 19), s.floats(6, 4, 3)], attributes }
  })
  for (const operator of ['MaxPool', 'AveragePool'])
    closely(operator, 1e-6, (seed) => ({
      operator,
      opset: 19,
      inputs: [source(seed).floats(2, 3, 11, 9)],
      attributes: { kernel_shape: [3, 2], ...windowOf(seed), ...(seed === 5 ? { ceil_mode: 1 } : {}) },
    }))
  closely('Gemm', 1e-5, (seed) => {
    const s = source(seed)
    const attributes = { alpha: 0.5, beta: 1.5, transA: seed % 2, transB: seed % 3 === 0 ? 1 : 0 }
    const a = seed % 2 === 1 ? s.floats(5, 7) : s.floats(7, 5)
    const b = seed % 3 === 0 ? s.floats(4, 5) : s.floats(5, 4)
    return { operator: 'Gemm', inputs: [a, b, s.floats(4)], attributes }
  })
  closely('MatMul with batches', 1e-5, (seed) => {
    const s = source(seed)
    return { operator: 'MatMul', inputs: [s.floats(2, 1, 5, 7), s.floats(3, 7, 4)] }
  })
  closely('BatchNormalization', 1e-5, (seed) => {
    const s = source(seed)
    const variance = floatTensor([3], [0.5, 1.5, 2.5])
    return {
      operator: 'BatchNormalization',
      inputs: [s.floats(2, 3, 4, 5), s.floats(3), s.floats(3), s.floats(3), variance],
    }
  })
  for (const operator of [
    'Sigmoid',
    'Tanh',
    'Softmax',
    'LogSoftmax',
    'Softplus',
    'Elu',
    'HardSigmoid',
    'HardSwish',
  ])
    closely(operator, 2e-6, (seed) => ({ operator, inputs: [source(seed).floats(3, 40)] }))
  for (const operator of ['Relu', 'LeakyRelu', 'Abs', 'Neg', 'Sign', 'Floor', 'Ceil', 'Round', 'Reciprocal'])
    closely(operator, 0, (seed) => ({ operator, inputs: [source(seed).floats(3, 40)] }))
  for (const operator of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'])
    closely(operator, 0, (seed) => {
      const s = source(seed)
      return { operator, inputs: [s.floats(3, 1, 4), s.floats(5, 1)] }
    })
  closely('Add and Mul of integers wrap', 0, (seed) => {
    const s = source(seed)
    return {
      operator: seed % 2 === 0 ? 'Add' : 'Mul',
      inputs: [s.integers(uint8, 90), s.integers(uint8, 90)],
    }
  })
  closely('Slice', 0, (seed) => {
    const x = source(seed).floats(6, 7, 8)
    const [starts, ends, steps] = [vector(-1, 1, 2), vector(-(2 ** 62), 2 ** 40, -1), vector(-2, 3, 2)]
    ends.data[0] = -100
    return { operator: 'Slice', inputs: [x, starts, ends, vector(0, 1, 2), steps] }
  })
  closely('Transpose', 0, (seed) => ({
    operator: 'Transpose',
    inputs: [source(seed).floats(2, 3, 4)],
    attributes: { perm: [seed % 3, (seed + 1) % 3, (seed + 2) % 3] },
  }))
  closely('Split', 0, (seed) => ({
    operator: 'Split',
    inputs: [source(seed).floats(2, 9, 4), vector(2, 4, 3)],
    attributes: { axis: 1 },
    outputs: [float, float, float],
  }))
  closely('Gather', 0, (seed) => ({
    operator: 'Gather',
    inputs: [source(seed).floats(4, 5, 3), { ...vector(4, -1, 0, 2), dims: [2, 2] }],
    attributes: { axis: 1 },
  }))
  closely('Pad', 0, (seed) => ({
    operator: 'Pad',
    inputs: [source(seed).floats(4, 5), vector(1, -1, 0, 2), floatTensor([], [0.5])],
  }))
  closely('Expand', 0, (seed) => ({
    operator: 'Expand',
    inputs: [source(seed).floats(3, 1), vector(2, 1, 4)],
  }))
  closely('TopK', 0, (seed) => ({
    operator: 'TopK',
    inputs: [source(seed).floats(4, 7, 2), vector(3)],
    attributes: { axis: 1, largest: seed % 2 },
    outputs: [float, int64],
  }))
  closely('ArgMax', 0, (seed) => ({
    operator: 'ArgMax',
    inputs: [source(seed).floats(4, 7, 2)],
    attributes: { axis: -2, keepdims: seed % 2 },
    outputs: [int64],
  }))
  closely('ReduceMean', 1e-6, (seed) => ({
    operator: 'ReduceMean',
    inputs: [source(seed).floats(4, 7, 2)],
    attributes: { axes: [0, 2], keepdims: seed % 2 },
  }))
  closely('ReduceSum', 1e-6, (seed) => ({
    operator: 'ReduceSum',
    inputs: [source(seed).floats(4, 7, 2), vector(-2)],
    attributes: { keepdims: seed % 2 },
  }))
  closely('PRelu', 0, (seed) => {
    const s = source(seed)
    return { operator: 'PRelu', inputs: [s.floats(4, 7, 2), s.floats(7, 1)] }
  })

  const older: [string, number, number[], Attributes][] = [
    ['Clip', 7, [3, 4], { min: -0.5, max: 1.25 }],
    ['Slice', 9, [6, 7], { starts: [1, -3], ends: [100, -1], axes: [0, 1] }],
    ['Squeeze', 11, [1, 4, 1, 3], { axes: [0, -2] }],
    ['Unsqueeze', 11, [4, 3], { axes: [0, 3] }],
    ['Softmax', 11, [3, 4, 2], { axis: 1 }],
    ['LogSoftmax', 9, [3, 4, 2], {}],
    ['Pad', 9, [3, 4], { pads: [1, 0, 0, 2], value: 0.5 }],
    ['ReduceSum', 11, [3, 4, 2], { axes: [1], keepdims: 0 }],
    ['ReduceMean', 11, [3, 4, 2], {}],
    ['Dropout', 9, [3, 4], { ratio: 0.25 }],
    ['Flatten', 9, [3, 4, 2], { axis: 2 }],
    ['Split', 11, [3, 8], { axis: 1 }],
    ['HardSigmoid', 9, [3, 8], { alpha: 0.3, beta: 0.25 }],
  ]
  for (const [operator, opset, dims, attributes] of older)
    closely(`${operator} of operator set ${opset}`, 1e-6, (seed) => ({
      ...{ operator, opset, attributes, inputs: [source(seed).floats(...dims)] },
      ...(operator === 'Split' ? { outputs: [float, float] } : {}),
    }))

  const later: [string, number, Tensor[], Attributes][] = [
    ['Clip', 13, [floatTensor([4], [-2, -1, 1, 2]), floatTensor([], [1]), floatTensor([], [-1])], {}],
    ['Shape', 15, [floatTensor([2, 3, 4], new Float64Array(24))], { start: 1, end: -1 }],
    ['ReduceMean', 18, [floatTensor([2, 3], [1, 2, 3, 4, 5, 6]), vector(1)], {}],
    ['Reshape', 14, [floatTensor([2, 3], [1, 2, 3, 4, 5, 6]), vector(0, -1, 1)], {}],
    ['Range', 11, [vector(3), vector(20), vector(4)].map((t) => ({ ...t, dims: [] })), {}],
    ['Pow', 13, [floatTensor([3], [1, 2, 3]), floatTensor([], [2])], {}],
    ['Max', 13, [floatTensor([3], [1, 2, 3]), floatTensor([], [2]), floatTensor([2, 1], [0, 4])], {}],
    ['Cast', 13, [floatTensor([4], [-1.7, -0.2, 0.9, 3.5])], { to: int32 }],
    ['GlobalMaxPool', 1, [floatTensor([1, 2, 2, 2], [1, -2, 3, 4, 5, 6, -7, 8])], {}],
    ['ConstantOfShape', 9, [vector(2, 3)], {}],
    [
      'Div',
      14,
      [
        { ...vector(7, -7), type: int32 },
        { ...vector(2, 2), type: int32 },
      ],
      {},
    ],
    [
      'Mul',
      14,
      [
        { ...vector(70000, -7), type: int32 },
        { ...vector(70000, 2), type: int32 },
      ],
      {},
    ],
  ]
  const types: Readonly<Record<string, number>> = {
    ...{ Shape: int64, Cast: int32, ConstantOfShape: float },
  }
  for (const [operator, opset, inputs, attributes] of later)
    closely(`${operator} on chosen numbers`, 1e-6, () => ({
      ...{ operator, opset: Math.max(opset, 7), inputs, attributes },
      outputs: [types[operator] ?? inputs[0]!.type],
    }))
})
