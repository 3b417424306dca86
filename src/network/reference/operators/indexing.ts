import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, stridesOf, type Tensor } from '../tensor.ts'
import { broadcastDims, expandTo, walk } from './broadcast.ts'

interface Bounds {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly axes: readonly number[] | undefined
  readonly steps: readonly number[] | undefined
}

function boundsOf(call: OperatorCall): Bounds {
  const list = (at: number): readonly number[] | undefined => {
    const input = call.optional(at)
    return input === undefined ? undefined : [...input.data]
  }
  const missing = call.opset < 10 ? undefined : { starts: list(1), ends: list(2) }
  const starts = missing === undefined ? call.numbers('starts') : missing.starts
  const ends = missing === undefined ? call.numbers('ends') : missing.ends
  if (starts === undefined || ends === undefined || starts.length !== ends.length)
    throw call.malformed('its starts and ends are missing or of different number')
  if (call.opset < 10) return { starts, ends, axes: call.numbers('axes'), steps: undefined }
  return { starts, ends, axes: list(3), steps: list(4) }
}

const slice: Operator = (call) => {
  const x = call.input(0)
  const { starts, ends, axes, steps } = boundsOf(call)
  const strides = stridesOf(x.dims)
  const dims = [...x.dims]
  const moves = [...strides]
  let origin = 0
  starts.forEach((given, i) => {
    const axis = call.axis(axes?.[i] ?? i, x.dims.length)
    const step = steps?.[i] ?? 1
    const size = x.dims[axis]!
    if (step === 0 || !Number.isInteger(step)) throw call.malformed(`a step is ${step}`)
    const place = (at: number, low: number, high: number): number =>
      Math.min(high, Math.max(low, at < 0 ? at + size : at))
    const first = place(given, 0, step > 0 ? size : size - 1)
    const last = place(ends[i]!, step > 0 ? 0 : -1, size)
    dims[axis] = Math.max(0, Math.ceil((last - first) / step))
    moves[axis] = strides[axis]! * step
    origin += first * strides[axis]!
  })
  const data = call.allocate(dims)
  walk(
    dims,
    moves,
    (from, to) => {
      data[to] = x.data[from]!
    },
    origin,
  )
  return [{ type: x.type, dims, data }]
}

const gather: Operator = (call) => {
  const x = call.input(0)
  const places = call.input(1)
  const axis = call.axis(call.number('axis', 0), x.dims.length)
  const size = x.dims[axis]!
  const inner = countElements(x.dims.slice(axis + 1))
  const outer = countElements(x.dims.slice(0, axis))
  const dims = [...x.dims.slice(0, axis), ...places.dims, ...x.dims.slice(axis + 1)]
  const data = call.allocate(dims)
  const count = places.data.length
  for (let o = 0; o < outer; o++)
    for (let k = 0; k < count; k++) {
      const place = call.axis(places.data[k]!, size)
      const from = (o * size + place) * inner
      data.set(x.data.subarray(from, from + inner), (o * count + k) * inner)
    }
  return [{ type: x.type, dims, data }]
}

const where: Operator = (call) => {
  const [condition, a, b] = [call.input(0), call.input(1), call.input(2)]
  if (a.type !== b.type) throw call.malformed('its two choices have different types')
  const dims = broadcastDims(call, condition.dims, a.dims, b.dims)
  const [c, x, y] = [condition, a, b].map((tensor: Tensor) => expandTo(call, tensor, dims)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const data = call.allocate(dims)
  for (let i = 0; i < data.length; i++) data[i] = c[i] === 0 ? y[i]! : x[i]!
  return [{ type: a.type, dims, data }]
}

/** Operators that choose elements. */
export const indexing: Readonly<Record<string, Operator>> = { Slice: slice, Gather: gather, Where: where }
