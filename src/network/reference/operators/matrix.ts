import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { broadcastDims, expandTo } from './broadcast.ts'

/** `[rows, inner] x [inner, columns]` added to `out`; sums in double, not rounded. */
export function multiplyInto(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  [rows, inner, columns]: readonly [number, number, number],
): void {
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const left = a[i * inner + k]!
      for (let j = 0, o = i * columns, at = k * columns; j < columns; j++) out[o + j]! += left * b[at + j]!
    }
}

/** numpy's matmul: batches broadcast, vectors become a row on the left and a column on the right. */
export function matrixProduct(
  call: OperatorCall,
  a: Tensor,
  b: Tensor,
): { dims: number[]; data: Float64Array } {
  if (a.dims.length === 0 || b.dims.length === 0) throw call.malformed('an operand is a scalar')
  const left = a.dims.length === 1 ? [1, ...a.dims] : [...a.dims]
  const right = b.dims.length === 1 ? [...b.dims, 1] : [...b.dims]
  const [rows, inner] = left.slice(-2) as [number, number]
  const [depth, columns] = right.slice(-2) as [number, number]
  if (inner !== depth)
    throw call.malformed(`matrices [${a.dims.join(', ')}] and [${b.dims.join(', ')}] do not fit`)
  const batch = broadcastDims(call, left.slice(0, -2), right.slice(0, -2))
  const x = expandTo(call, { ...a, dims: left }, [...batch, rows, inner])
  const y = expandTo(call, { ...b, dims: right }, [...batch, inner, columns])
  const data = call.allocate([...batch, rows, columns])
  call.spend(data.length * inner)
  for (let n = 0; n < countElements(batch); n++)
    multiplyInto(
      data.subarray(n * rows * columns, (n + 1) * rows * columns),
      x.subarray(n * rows * inner, (n + 1) * rows * inner),
      y.subarray(n * inner * columns, (n + 1) * inner * columns),
      [rows, inner, columns],
    )
  const dims = [...batch]
  if (a.dims.length > 1) dims.push(rows)
  if (b.dims.length > 1) dims.push(columns)
  return { dims, data }
}

/** A matrix, or its transpose. */
export function orient(call: OperatorCall, tensor: Tensor, transposed: boolean): Tensor {
  const [rows, columns] = tensor.dims
  if (tensor.dims.length !== 2 || rows === undefined || columns === undefined)
    throw call.malformed(`an operand has shape [${tensor.dims.join(', ')}], not a matrix's`)
  if (!transposed) return tensor
  const data = call.allocate([columns, rows])
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) data[j * rows + i] = tensor.data[i * columns + j]!
  return { type: tensor.type, dims: [columns, rows], data }
}

const gemm: Operator = (call) => {
  if (call.opset < 7) call.ignore('broadcast')
  const alpha = Math.fround(call.number('alpha', 1))
  const beta = Math.fround(call.number('beta', 1))
  const type = call.input(0).type
  const a = orient(call, call.input(0), call.flag('transA', false))
  const b = orient(call, call.input(1), call.flag('transB', false))
  const { dims, data } = matrixProduct(call, a, b)
  const c = call.optional(2)
  const added = c === undefined ? undefined : expandOnto(call, c, dims)
  for (let i = 0; i < data.length; i++)
    data[i] = alpha * data[i]! + (added === undefined ? 0 : beta * added[i]!)
  return [call.make(type, dims, data)]
}

/** A tensor expanded to a shape that must not grow by it. */
export function expandOnto(call: OperatorCall, tensor: Tensor, dims: readonly number[]): Float64Array {
  if (broadcastDims(call, tensor.dims, dims).join() !== dims.join())
    throw call.malformed(`shape [${tensor.dims.join(', ')}] does not broadcast to [${dims.join(', ')}]`)
  return expandTo(call, tensor, dims)
}

const matMul: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)]
  const { dims, data } = matrixProduct(call, a, b)
  return [call.make(a.type, dims, data)]
}

/** Products of matrices of floats (or plain integers). */
export const matrices: Readonly<Record<string, Operator>> = { Gemm: gemm, MatMul: matMul }
