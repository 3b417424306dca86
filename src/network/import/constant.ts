import { elementCount } from '../graph/integer-graph.ts'
import { type OnnxTensor, onnxTypes } from '../onnx/onnx-model.ts'
import { tensorValues } from '../onnx/onnx-tensor.ts'

/**
 * A tensor known while compiling. A quantized one also knows the integers and scales that it was made of:
 * `value = integer * scale`, element by element, exactly in real arithmetic and rounded once in float32.
 */
export interface Constant {
  readonly kind: 'constant'
  readonly type: number
  readonly shape: readonly number[]
  /** Row-major; floats are float32 values. */
  readonly values: Float64Array
  readonly quantized?: {
    readonly integers: Float64Array
    readonly scales: Float64Array
    readonly unsigned?: boolean
  }
}

export function constantOf(tensor: OnnxTensor): Constant {
  return { kind: 'constant', type: tensor.type, shape: tensor.dims, values: tensorValues(tensor) }
}

export function floatConstant(values: ArrayLike<number>, shape: readonly number[]): Constant {
  return { kind: 'constant', type: onnxTypes.float, shape, values: Float64Array.from(values) }
}

/** The constant with its elements picked by index, in a new shape. */
export function pickConstant(
  constant: Constant,
  indices: Int32Array | undefined,
  shape: readonly number[],
): Constant {
  const pick = (x: Float64Array): Float64Array =>
    indices === undefined ? x : Float64Array.from(indices, (i) => x[i]!)
  const { quantized } = constant
  return {
    ...constant,
    shape,
    values: pick(constant.values),
    ...(quantized === undefined
      ? {}
      : { quantized: { integers: pick(quantized.integers), scales: pick(quantized.scales) } }),
  }
}

/** Index of the element of a broadcast operand of `shape` that meets element `i` of `result`. */
export function broadcastIndices(shape: readonly number[], result: readonly number[]): Int32Array {
  const indices = new Int32Array(elementCount(result))
  const missing = result.length - shape.length
  let stride = 1
  let repeat = 1
  for (let axis = result.length - 1; axis >= 0; axis--) {
    const size = result[axis]!
    const own = axis < missing ? 1 : shape[axis - missing]!
    if (own !== 1)
      for (let i = 0; i < indices.length; i++) indices[i]! += (Math.floor(i / repeat) % size) * stride
    stride *= own
    repeat *= size
  }
  return indices
}

/** The shape of two broadcast operands, or undefined when they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1
    const y = b[axis - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) return undefined
    shape.push(x === 1 ? y : x)
  }
  return shape
}
