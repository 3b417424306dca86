import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { insideRange, type SlidingWindow, slidingWindow } from './window.ts'

/**
 * Cross-correlation of `[N, C, H, W]` or `[N, C, L]` with `[M, C / groups, kh, kw]` or `[M, C / groups, k]`;
 * sums in double, not rounded. Reads the attributes of Conv.
 * @param x the numbers that are multiplied, zero points already subtracted
 */
export function convolve(
  call: OperatorCall,
  x: Tensor,
  weights: Tensor,
  bias?: Float64Array,
): { dims: number[]; data: Float64Array } {
  const [batch = 0, channels = 0, ...spatial] = x.dims
  const [outputs = 0, group = 0, ...kernel] = weights.dims
  const groups = call.number('group', 1)
  const given = call.numbers('kernel_shape')
  if (given !== undefined && given.join() !== kernel.join())
    throw call.malformed(
      `its kernel_shape is [${given.join(', ')}], its weights [${weights.dims.join(', ')}]`,
    )
  if (
    x.dims.length < 3 ||
    !Number.isInteger(groups) ||
    groups < 1 ||
    channels !== group * groups ||
    outputs % groups !== 0
  )
    throw call.malformed(
      `data [${x.dims.join(', ')}] and weights [${weights.dims.join(', ')}] in ${groups} groups do not fit`,
    )
  if (bias !== undefined && bias.length !== outputs)
    throw call.malformed(`it has ${bias.length} biases and ${outputs} outputs`)
  const window = slidingWindow(call, spatial, kernel)
  const made = spatial.length === 2 ? window.to : [window.to[1]]
  const dims = [batch, outputs, ...made]
  const data = call.allocate(dims)
  call.spend(data.length * group * countElements(kernel))
  const plane = window.to[0] * window.to[1]
  const image = window.from[0] * window.from[1]
  const area = countElements(kernel)
  for (let n = 0; n < batch; n++)
    for (let m = 0; m < outputs; m++) {
      const out = data.subarray((n * outputs + m) * plane, (n * outputs + m + 1) * plane)
      if (bias !== undefined) out.fill(bias[m]!)
      const first = Math.floor((m * groups) / outputs) * group
      for (let g = 0; g < group; g++) {
        const at = (n * channels + first + g) * image
        const kernelAt = (m * group + g) * area
        accumulate(
          out,
          x.data.subarray(at, at + image),
          weights.data.subarray(kernelAt, kernelAt + area),
          window,
        )
      }
    }
  return { dims, data }
}

/** Adds one channel's correlation to one output plane. */
function accumulate(
  out: Float64Array,
  x: Float64Array,
  kernel: Float64Array,
  { kernel: size, strides, dilations, pads, from, to }: SlidingWindow,
): void {
  for (let a = 0, k = 0; a < size[0]; a++) {
    const top = a * dilations[0] - pads[0]
    const [firstRow, lastRow] = insideRange(top, strides[0], from[0], to[0])
    for (let b = 0; b < size[1]; b++, k++) {
      const weight = kernel[k]!
      const left = b * dilations[1] - pads[1]
      const [firstColumn, lastColumn] = insideRange(left, strides[1], from[1], to[1])
      for (let r = firstRow; r < lastRow; r++) {
        const row = (r * strides[0] + top) * from[1] + left
        for (let c = firstColumn, o = r * to[1]; c < lastColumn; c++)
          out[o + c]! += weight * x[row + c * strides[1]]!
      }
    }
  }
}

const conv: Operator = (call) => {
  const x = call.float(0)
  const { dims, data } = convolve(call, x, call.float(1), call.optional(2)?.data)
  return [call.make(x.type, dims, data)]
}

/** Convolutions of floats; those of integers are in integer-products.ts. */
export const convolutions: Readonly<Record<string, Operator>> = { Conv: conv }
