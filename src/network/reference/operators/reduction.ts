import { onnxTypes } from '../../onnx/onnx-model.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, stridesOf, type Tensor } from '../tensor.ts'
import { walk } from './broadcast.ts'

/** Calls `visit` for each line of elements along an axis: where it starts and how far apart they are. */
function alongAxis(
  dims: readonly number[],
  axis: number,
  visit: (start: number, step: number, line: number) => void,
): void {
  const step = countElements(dims.slice(axis + 1))
  const lines = countElements(dims) / (dims[axis] || 1)
  for (let line = 0; line < lines; line++)
    visit(Math.floor(line / step) * step * dims[axis]! + (line % step), step, line)
}

function argument(better: (a: number, b: number) => boolean): Operator {
  return (call) => {
    const x = call.input(0)
    const axis = call.axis(call.number('axis', 0), x.dims.length)
    const keep = call.flag('keepdims', true)
    const last = call.flag('select_last_index', false)
    const size = x.dims[axis]!
    if (size === 0) throw call.malformed('its axis is empty')
    const kept = x.dims.map((dim, i) => (i === axis ? 1 : dim))
    const data = call.allocate(kept)
    alongAxis(x.dims, axis, (start, step, line) => {
      let best = 0
      for (let k = 1; k < size; k++) {
        const [now, old] = [x.data[start + k * step]!, x.data[start + best * step]!]
        if (better(now, old) || (last && now === old)) best = k
      }
      data[line] = best
    })
    return [call.make(onnxTypes.int64, keep ? kept : kept.filter((_, i) => i !== axis), data)]
  }
}

/** The axes of a reduction: an input in newer operator sets, an attribute in older ones. */
function reducedAxes(call: OperatorCall, x: Tensor, inputSince: number): Set<number> {
  const given = call.opset < inputSince ? call.numbers('axes') : call.optional(1)?.data
  if (given === undefined || given.length === 0)
    return new Set(call.opset >= inputSince && call.flag('noop_with_empty_axes', false) ? [] : x.dims.keys())
  return new Set([...given].map((axis) => call.axis(axis, x.dims.length)))
}

function reduce(
  inputSince: number,
  start: number,
  step: (sum: number, x: number) => number,
  end: (sum: number, count: number) => number = (sum) => sum,
): Operator {
  return (call) => {
    const x = call.input(0)
    const axes = reducedAxes(call, x, inputSince)
    const keep = call.flag('keepdims', true)
    if (call.opset >= inputSince) call.ignore('noop_with_empty_axes')
    const kept = x.dims.map((dim, axis) => (axes.has(axis) ? 1 : dim))
    const data = call.allocate(kept).fill(start)
    const strides = stridesOf(kept)
    walk(
      x.dims,
      strides.map((stride, axis) => (axes.has(axis) ? 0 : stride)),
      (to, from) => {
        data[to] = step(data[to]!, x.data[from]!)
      },
    )
    const count = x.data.length / data.length
    for (let i = 0; i < data.length; i++) data[i] = end(data[i]!, count)
    return [call.make(x.type, keep ? kept : kept.filter((_, axis) => !axes.has(axis)), data)]
  }
}

/** The k largest (or smallest) along an axis, sorted; of equal ones the first comes first. */
const topK: Operator = (call) => {
  const x = call.input(0)
  call.ignore('sorted')
  const k = call.opset < 10 ? call.required('k') : call.scalar(1)
  const sign = call.opset < 11 || call.flag('largest', true) ? -1 : 1
  const axis = call.axis(call.number('axis', -1), x.dims.length)
  const size = x.dims[axis]!
  if (!Number.isInteger(k) || k < 0 || k > size) throw call.malformed(`it wants ${k} of ${size} elements`)
  const dims = x.dims.map((dim, i) => (i === axis ? k : dim))
  const values = call.allocate(dims)
  const places = call.allocate(dims)
  alongAxis(x.dims, axis, (start, step, line) => {
    const at = (i: number): number => x.data[start + i * step]!
    const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => sign * (at(a) - at(b)) || a - b)
    const to = Math.floor(line / step) * step * k + (line % step)
    for (let i = 0; i < k; i++) {
      values[to + i * step] = at(order[i]!)
      places[to + i * step] = order[i]!
    }
  })
  return [{ type: x.type, dims, data: values }, call.make(onnxTypes.int64, dims, places)]
}

/** Operators that make few elements of many. */
export const reductions: Readonly<Record<string, Operator>> = {
  ArgMax: argument((a, b) => a > b),
  ArgMin: argument((a, b) => a < b),
  TopK: topK,
  ReduceMean: reduce(
    18,
    0,
    (sum, x) => sum + x,
    (sum, count) => sum / count,
  ),
  ReduceSum: reduce(13, 0, (sum, x) => sum + x),
  ReduceMax: reduce(18, Number.NEGATIVE_INFINITY, Math.max),
  ReduceMin: reduce(18, Number.POSITIVE_INFINITY, Math.min),
}
