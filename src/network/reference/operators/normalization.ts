import type { Operator } from '../operator-call.ts'
import { countElements } from '../tensor.ts'

const batchNormalization: Operator = (call) => {
  call.ignore('spatial', 'is_test', 'consumed_inputs')
  if (call.number('spatial', 1) !== 1) throw call.refuse('it normalizes each place for itself')
  const epsilon = Math.fround(call.number('epsilon', 1e-5))
  const momentum = Math.fround(call.number('momentum', 0.9))
  const x = call.float(0)
  const [batch = 0, channels = 1] = x.dims
  const inner = countElements(x.dims.slice(2))
  const perChannel = [1, 2, 3, 4].map((at) => call.float(at).data)
  const [gain, offset, givenMean, givenVariance] = perChannel as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  if (x.dims.length < 2 || perChannel.some((numbers) => numbers.length !== channels))
    throw call.malformed(`its data has ${channels} channels, its parameters another number`)
  const training = call.opset >= 14 && call.flag('training_mode', false)
  let [mean, variance] = [givenMean, givenVariance]
  if (training) [mean, variance] = moments(x.data, batch, channels, inner)
  const data = call.allocate(x.dims)
  for (let i = 0; i < data.length; i++) {
    const c = Math.floor(i / inner) % channels
    data[i] = ((x.data[i]! - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * gain[c]! + offset[c]!
  }
  const results = [call.make(x.type, x.dims, data)]
  if (!training) return results
  const running = (given: Float64Array, seen: Float64Array): Float64Array =>
    given.map((value, c) => value * momentum + seen[c]! * (1 - momentum))
  const { type, dims } = call.float(3)
  results.push(call.make(type, dims, running(givenMean, mean)))
  results.push(call.make(type, dims, running(givenVariance, variance)))
  return results
}

/** Mean and variance (of the population) of each channel of `[batch, channels, inner]`. */
function moments(
  x: Float64Array,
  batch: number,
  channels: number,
  inner: number,
): [Float64Array, Float64Array] {
  const mean = new Float64Array(channels)
  const variance = new Float64Array(channels)
  const channel = (i: number): number => Math.floor(i / inner) % channels
  for (let i = 0; i < x.length; i++) mean[channel(i)]! += x[i]! / (batch * inner)
  for (let i = 0; i < x.length; i++)
    variance[channel(i)]! += (x[i]! - mean[channel(i)]!) ** 2 / (batch * inner)
  return [mean, variance]
}

/** From operator set 13 along one axis, before over all axes from `axis` on. */
function softmax(logarithm: boolean): Operator {
  return (call) => {
    const x = call.float(0)
    const rank = x.dims.length
    const axis = call.axis(call.number('axis', call.opset < 13 ? 1 : -1), Math.max(rank, 1))
    const size = call.opset < 13 ? countElements(x.dims.slice(axis)) : (x.dims[axis] ?? 1)
    const inner = call.opset < 13 ? 1 : countElements(x.dims.slice(axis + 1))
    const data = call.allocate(x.dims)
    for (let row = 0; row < data.length / size; row++) {
      const start = Math.floor(row / inner) * size * inner + (row % inner)
      let max = Number.NEGATIVE_INFINITY
      for (let k = 0; k < size; k++) max = Math.max(max, x.data[start + k * inner]!)
      let sum = 0
      for (let k = 0; k < size; k++) sum += Math.exp(x.data[start + k * inner]! - max)
      for (let k = 0; k < size; k++) {
        const shifted = x.data[start + k * inner]! - max
        data[start + k * inner] = logarithm ? shifted - Math.log(sum) : Math.exp(shifted) / sum
      }
    }
    return [call.make(x.type, x.dims, data)]
  }
}

/** Operators that look at several elements to scale one. */
export const normalizations: Readonly<Record<string, Operator>> = {
  BatchNormalization: batchNormalization,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
}
