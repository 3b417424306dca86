import { onnxTypes } from '../../onnx/onnx-model.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'

const reshape: Operator = (call) => {
  const x = call.input(0)
  const wanted = [...call.input(1).data]
  const zeroIsZero = call.opset >= 14 && call.flag('allowzero', false)
  const dims = wanted.map((dim, axis) => (dim === 0 && !zeroIsZero ? (x.dims[axis] ?? Number.NaN) : dim))
  const open = dims.indexOf(-1)
  if (open >= 0) dims[open] = x.data.length / countElements(dims.filter((_, axis) => axis !== open))
  if (dims.some((dim) => !Number.isInteger(dim) || dim < 0))
    throw call.malformed(`shape [${x.dims.join(', ')}] does not become [${wanted.join(', ')}]`)
  return [call.reshaped(x, dims)]
}

const flatten: Operator = (call) => {
  const x = call.input(0)
  const given = call.number('axis', 1)
  const axis = given === x.dims.length ? given : call.axis(given, x.dims.length)
  return [call.reshaped(x, [countElements(x.dims.slice(0, axis)), countElements(x.dims.slice(axis))])]
}

/** An input from operator set 13 on, an attribute before. */
function axesOf(call: OperatorCall): readonly number[] | undefined {
  const input = call.optional(1)
  return call.opset < 13 ? call.numbers('axes') : input === undefined ? undefined : [...input.data]
}

const squeeze: Operator = (call) => {
  const x = call.input(0)
  const axes = axesOf(call)?.map((axis) => call.axis(axis, x.dims.length))
  if (axes?.some((axis) => x.dims[axis] !== 1))
    throw call.malformed(`axes ${axes.join(', ')} of [${x.dims.join(', ')}] are not all of size 1`)
  return [
    call.reshaped(
      x,
      x.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
    ),
  ]
}

const unsqueeze: Operator = (call) => {
  const x = call.input(0)
  const axes = axesOf(call)
  if (axes === undefined) throw call.malformed('its axes are missing')
  const rank = x.dims.length + axes.length
  const added = new Set(axes.map((axis) => call.axis(axis, rank)))
  if (added.size !== axes.length) throw call.malformed('an axis is added twice')
  const old = x.dims.values()
  const dims = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : old.next().value!))
  return [call.reshaped(x, dims)]
}

const shapeOf: Operator = (call) => {
  const { dims } = call.input(0)
  const place = (at: number): number => Math.min(dims.length, Math.max(0, at < 0 ? at + dims.length : at))
  const part = dims.slice(place(call.number('start', 0)), place(call.number('end', dims.length)))
  return [vector(call, part)]
}

/** A vector of int64. */
export function vector(call: OperatorCall, numbers: readonly number[]): Tensor {
  return call.make(onnxTypes.int64, [numbers.length], Float64Array.from(numbers))
}

const dropout: Operator = (call) => {
  call.ignore('seed', 'ratio', 'is_test')
  const training = call.optional(2)
  if (training !== undefined && call.scalar(2) !== 0)
    throw call.refuse('it drops at random (training mode)', 'Export the network for inference.')
  const x = call.input(0)
  return [x, call.make(onnxTypes.bool, x.dims, call.allocate(x.dims).fill(1))]
}

/** Operators that leave the elements where they are. */
export const shapes: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Identity: (call) => [call.input(0)],
  Dropout: dropout,
  Shape: shapeOf,
  Size: (call) => [call.make(onnxTypes.int64, [], Float64Array.of(call.input(0).data.length))],
}
