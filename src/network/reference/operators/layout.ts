import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, stridesOf, type Tensor } from '../tensor.ts'
import { broadcastDims, expandTo, walk } from './broadcast.ts'

const transpose: Operator = (call) => {
  const x = call.input(0)
  const order = call.numbers('perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis)
  if ([...order].sort((a, b) => a - b).join() !== x.dims.map((_, axis) => axis).join())
    throw call.malformed(`its perm [${order.join(', ')}] does not order ${x.dims.length} axes`)
  const strides = stridesOf(x.dims)
  const dims = order.map((axis) => x.dims[axis]!)
  const data = call.allocate(dims)
  walk(
    dims,
    order.map((axis) => strides[axis]!),
    (from, to) => {
      data[to] = x.data[from]!
    },
  )
  return [{ type: x.type, dims, data }]
}

/** Tensors one behind another along an axis. */
export function concatenate(call: OperatorCall, tensors: readonly Tensor[], given: number): Tensor {
  const first = tensors[0]
  if (first === undefined) throw call.malformed('it has no inputs')
  const axis = call.axis(given, first.dims.length)
  const rest = (dims: readonly number[]): string => dims.map((dim, i) => (i === axis ? '*' : dim)).join()
  for (const { dims, type } of tensors)
    if (rest(dims) !== rest(first.dims) || type !== first.type)
      throw call.malformed(`[${dims.join(', ')}] does not fit behind [${first.dims.join(', ')}]`)
  const size = tensors.reduce((sum, { dims }) => sum + dims[axis]!, 0)
  const dims = first.dims.map((dim, i) => (i === axis ? size : dim))
  const data = call.allocate(dims)
  const outer = countElements(dims.slice(0, axis))
  const row = size * countElements(dims.slice(axis + 1))
  let offset = 0
  for (const tensor of tensors) {
    const chunk = tensor.data.length / outer
    for (let o = 0; o < outer; o++)
      data.set(tensor.data.subarray(o * chunk, (o + 1) * chunk), o * row + offset)
    offset += chunk
  }
  return { type: first.type, dims, data }
}

/** The places `first ... first + size - 1` of an axis. */
export function sliceAxis(call: OperatorCall, x: Tensor, axis: number, first: number, size: number): Tensor {
  const dims = x.dims.map((dim, i) => (i === axis ? size : dim))
  const data = call.allocate(dims)
  const inner = countElements(dims.slice(axis + 1))
  const outer = countElements(dims.slice(0, axis))
  const row = x.dims[axis]! * inner
  for (let o = 0; o < outer; o++) {
    const from = o * row + first * inner
    data.set(x.data.subarray(from, from + size * inner), o * size * inner)
  }
  return { type: x.type, dims, data }
}

const split: Operator = (call) => {
  const x = call.input(0)
  const axis = call.axis(call.number('axis', 0), x.dims.length)
  const size = x.dims[axis]!
  const parts = call.node.outputs.length
  const given = call.opset < 13 ? call.numbers('split') : call.optional(1)?.data
  if (call.opset >= 18) call.ignore('num_outputs')
  const chunk = Math.ceil(size / parts)
  const sizes =
    given === undefined
      ? Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(chunk, size - i * chunk)))
      : [...given]
  if (sizes.length !== parts || sizes.some((n) => n < 0) || sizes.reduce((a, b) => a + b, 0) !== size)
    throw call.malformed(`it splits ${size} into ${sizes.join(' + ')}`)
  let first = 0
  return sizes.map((n) => {
    first += n
    return sliceAxis(call, x, axis, first - n, n)
  })
}

const pad: Operator = (call) => {
  const x = call.input(0)
  const mode = call.text('mode', 'constant')
  if (mode !== 'constant') throw call.refuse(`it pads in mode '${mode}'`, 'Pad with a constant.')
  const old = call.opset < 11
  const given = old ? call.numbers('pads') : call.input(1).data
  const value = old ? call.number('value', 0) : call.optional(2) === undefined ? 0 : call.scalar(2)
  const chosen = old ? undefined : call.optional(3)?.data
  const axes = [...(chosen ?? x.dims.keys())].map((axis) => call.axis(axis, x.dims.length))
  if (given === undefined || given.length !== 2 * axes.length || !given.every(Number.isInteger))
    throw call.malformed(`it has ${given?.length ?? 0} pads for ${axes.length} axes`)
  const before = x.dims.map(() => 0)
  const dims = [...x.dims]
  axes.forEach((axis, i) => {
    before[axis] = given[i]!
    dims[axis]! += given[i]! + given[i + axes.length]!
  })
  const data = call.allocate(dims).fill(value)
  const strides = stridesOf(dims)
  const start = before.reduce((sum, n, axis) => sum + n * strides[axis]!, 0)
  const place = new Array<number>(dims.length).fill(0)
  walk(
    x.dims,
    strides,
    (to, from) => {
      let rest = from
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        place[axis] = (rest % x.dims[axis]!) + before[axis]!
        rest = Math.floor(rest / x.dims[axis]!)
      }
      // A negative pad cuts elements off.
      if (place.every((p, axis) => p >= 0 && p < dims[axis]!)) data[to] = x.data[from]!
    },
    start,
  )
  return [{ type: x.type, dims, data }]
}

const expand: Operator = (call) => {
  const x = call.input(0)
  const dims = broadcastDims(call, x.dims, [...call.input(1).data])
  return [{ type: x.type, dims, data: expandTo(call, x, dims) }]
}

/** Operators that move elements without changing them. */
export const layout: Readonly<Record<string, Operator>> = {
  Transpose: transpose,
  Concat: (call) => [concatenate(call, call.all(), call.required('axis'))],
  Split: split,
  Pad: pad,
  Expand: expand,
}
