import type { OperatorCall } from '../operator-call.ts'
import { countElements, stridesOf, type Tensor } from '../tensor.ts'

/**
 * The shape that several shapes broadcast to (numpy's rule, multidirectional).
 * @throws GemgateError GG_MODEL_FORMAT when they do not fit each other
 */
export function broadcastDims(call: OperatorCall, ...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((dims) => dims.length))
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1
    for (const dims of shapes) {
      const dim = dims[axis - rank + dims.length] ?? 1
      if (dim === 1 || dim === size) continue
      if (size !== 1)
        throw call.malformed(`shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not fit`)
      size = dim
    }
    return size
  })
}

/** The elements of a tensor repeated to a shape it broadcasts to; the same array when nothing repeats. */
export function expandTo(call: OperatorCall, tensor: Tensor, dims: readonly number[]): Float64Array {
  const count = countElements(dims)
  if (tensor.data.length === count) return tensor.data
  const out = call.allocate(dims)
  if (tensor.data.length === 1) return out.fill(tensor.data[0]!)
  const offset = dims.length - tensor.dims.length
  const own = stridesOf(tensor.dims)
  const steps = dims.map((_, axis) =>
    axis < offset || tensor.dims[axis - offset] === 1 ? 0 : own[axis - offset]!,
  )
  walk(dims, steps, (from, to) => {
    out[to] = tensor.data[from]!
  })
  return out
}

/**
 * Visits the elements of a shape in row-major order.
 * @param steps by axis, how far one step along it moves in the source
 */
export function walk(
  dims: readonly number[],
  steps: readonly number[],
  visit: (from: number, to: number) => void,
  start = 0,
): void {
  const count = countElements(dims)
  const place = new Array<number>(dims.length).fill(0)
  let from = start
  for (let to = 0; to < count; to++) {
    visit(from, to)
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++place[axis]! < dims[axis]!) break
      from -= steps[axis]! * dims[axis]!
      place[axis] = 0
    }
  }
}

/** `f` on every element of one tensor; the result has its type. */
export function mapElements(call: OperatorCall, tensor: Tensor, f: (x: number) => number): Tensor {
  const out = call.allocate(tensor.dims)
  for (let i = 0; i < out.length; i++) out[i] = f(tensor.data[i]!)
  return call.make(tensor.type, tensor.dims, out)
}

/** `f` on every pair of elements, broadcast; `type` is the result's. */
export function combineElements(
  call: OperatorCall,
  a: Tensor,
  b: Tensor,
  f: (a: number, b: number) => number,
  type = a.type,
): Tensor {
  const dims = broadcastDims(call, a.dims, b.dims)
  const x = expandTo(call, a, dims)
  const y = expandTo(call, b, dims)
  const out = call.allocate(dims)
  for (let i = 0; i < out.length; i++) out[i] = f(x[i]!, y[i]!)
  return call.make(type, dims, out)
}
