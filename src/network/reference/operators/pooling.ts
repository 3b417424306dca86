import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { type SlidingWindow, slidingWindow } from './window.ts'

/** What a pool makes of the elements of a window that lie inside the picture; `cells` counts the padding in. */
export type PoolFunction = (inside: readonly number[], cells: number) => number

/**
 * Slides a window over `[N, C, H, W]` or `[N, C, L]`; not rounded. Reads the attributes of the pools.
 * `cells` counts what lies in the picture or its padding, not what `ceil_mode` adds behind.
 */
export function poolWindows(
  call: OperatorCall,
  x: Tensor,
  make: PoolFunction,
): { dims: number[]; data: Float64Array } {
  const kernel = call.numbers('kernel_shape')
  if (kernel === undefined || x.dims.length < 3) throw call.malformed('its kernel_shape or data is missing')
  const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]]
  const window = slidingWindow(call, spatial, kernel, call.flag('ceil_mode', false))
  const made = spatial.length === 2 ? window.to : [window.to[1]]
  const dims = [batch, channels, ...made]
  const data = call.allocate(dims)
  call.spend(data.length * countElements(kernel))
  const image = window.from[0] * window.from[1]
  const plane = window.to[0] * window.to[1]
  for (let n = 0; n < batch * channels; n++) {
    const picture = x.data.subarray(n * image, (n + 1) * image)
    for (let r = 0; r < window.to[0]; r++)
      for (let c = 0; c < window.to[1]; c++) {
        const { inside, cells } = look(picture, window, r, c)
        data[n * plane + r * window.to[1] + c] = make(inside, cells)
      }
  }
  return { dims, data }
}

function look(
  x: Float64Array,
  { kernel, strides, dilations, pads, from }: SlidingWindow,
  row: number,
  column: number,
): { inside: number[]; cells: number } {
  const inside: number[] = []
  let cells = 0
  for (let a = 0; a < kernel[0]; a++) {
    const y = row * strides[0] - pads[0] + a * dilations[0]
    if (y >= from[0] + pads[2]) continue
    for (let b = 0; b < kernel[1]; b++) {
      const z = column * strides[1] - pads[1] + b * dilations[1]
      if (z >= from[1] + pads[3]) continue
      cells++
      if (y >= 0 && y < from[0] && z >= 0 && z < from[1]) inside.push(x[y * from[1] + z]!)
    }
  }
  return { inside, cells }
}

/** The mean over the spatial axes of `[N, C, ...]`, or another function of a whole channel. */
function globalPool(make: (channel: Float64Array) => number): Operator {
  return (call) => {
    const x = call.input(0)
    if (x.dims.length < 3) throw call.malformed(`its data has shape [${x.dims.join(', ')}]`)
    const dims = x.dims.map((dim, axis) => (axis < 2 ? dim : 1))
    const data = call.allocate(dims)
    const size = countElements(x.dims.slice(2))
    for (let i = 0; i < data.length; i++) data[i] = make(x.data.subarray(i * size, (i + 1) * size))
    return [call.make(x.type, dims, data)]
  }
}

export function total(numbers: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!
  return sum
}

function largest(numbers: ArrayLike<number>): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < numbers.length; i++) max = Math.max(max, numbers[i]!)
  return max
}

const maxPool: Operator = (call) => {
  call.ignore('storage_order')
  const x = call.input(0)
  const { dims, data } = poolWindows(call, x, largest)
  if (data.includes(Number.NEGATIVE_INFINITY) && !x.data.includes(Number.NEGATIVE_INFINITY))
    throw call.malformed('a window lies in its padding entirely')
  return [call.make(x.type, dims, data)]
}

const averagePool: Operator = (call) => {
  const x = call.float(0)
  const withPadding = call.flag('count_include_pad', false)
  const { dims, data } = poolWindows(
    call,
    x,
    (inside, cells) => total(inside) / (withPadding ? cells : inside.length),
  )
  return [call.make(x.type, dims, data)]
}

/** Pools over one or two spatial axes. */
export const pooling: Readonly<Record<string, Operator>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool((channel) => total(channel) / channel.length),
  GlobalMaxPool: globalPool(largest),
}
