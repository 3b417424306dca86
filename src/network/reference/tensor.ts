import { type OnnxTensor, onnxTypes } from '../onnx/onnx-model.ts'
import { packValues, tensorValues } from '../onnx/onnx-tensor.ts'

/**
 * A tensor of the reference evaluator. Its elements lie in row-major order as doubles, which hold every
 * float32, float16, bfloat16 and every integer below 2^53 exactly.
 */
export interface Tensor {
  /** `TensorProto.DataType`, see `onnxTypes`. */
  readonly type: number
  readonly dims: readonly number[]
  readonly data: Float64Array
}

/** Number of elements of a shape; 1 for a scalar. */
export function countElements(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1)
}

/** A float32 tensor; the numbers are rounded to float32. */
export function floatTensor(dims: readonly number[], values: ArrayLike<number>): Tensor {
  return { type: onnxTypes.float, dims, data: Float64Array.from(values, Math.fround) }
}

/** Elements from one step along each axis to the next, row-major. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length)
  for (let axis = dims.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= dims[axis]!
  }
  return strides
}

/**
 * A constant of a file as a tensor.
 * @throws GemgateError GG_MODEL_FORMAT or GG_MODEL_UNSUPPORTED, as `tensorValues`
 */
export function fromOnnxTensor(tensor: OnnxTensor): Tensor {
  return { type: tensor.type, dims: tensor.dims, data: tensorValues(tensor) }
}

/** A tensor as a constant of a file; floats are rounded to its element type. */
export function toOnnxTensor(name: string, tensor: Tensor): OnnxTensor {
  return packValues(name, tensor.type, tensor.dims, tensor.data)
}
