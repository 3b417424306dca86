import * as tf from '@tensorflow/tfjs-core'
import { roundQuotient } from '../../src/network/graph/scalar-function.ts'

/** The smallest power-of-two exponent at which `largest` still fits `limit` steps. */
export function exponentFor(largest: number, limit: number): number {
  // Keeps an all-zero tensor at a usable scale.
  const exponent = Math.ceil(Math.log2(Math.max(largest, 2 ** -12) / limit))
  return Math.max(-16, Math.min(8, exponent))
}

/**
 * The exponent with the least squared rounding error among `coarsest`, at which every value fits `limit` steps, and
 * the two below it, at which large values are cut: with few bits the many small values count for more.
 */
export function closestExponent(values: Float32Array, coarsest: number, limit: number): number {
  const error = (exponent: number): number => {
    const scale = 2 ** exponent
    return values.reduce((sum, value) => {
      const steps = Math.max(-limit, Math.min(limit, roundHalfEven(value / scale)))
      return sum + (value - steps * scale) ** 2
    }, 0)
  }
  const candidates = [coarsest, coarsest - 1, coarsest - 2].map((exponent) => [error(exponent), exponent])
  return candidates.reduce((best, other) => (other[0]! < best[0]! ? other : best))[1]!
}

/** Rounds half to even, as ONNX does. */
export function roundHalfEven(x: number): number {
  return roundQuotient(x, 0, 'half-even')
}

/**
 * Rounds to multiples of 2^exponent within [low, high] steps, exactly as the exported network does; the
 * gradient passes unchanged inside the range and is 0 outside (straight-through estimator,
 * arXiv:1308.3432).
 */
export function fakeQuantize(x: tf.Tensor, exponent: number, low: number, high: number): tf.Tensor {
  const scale = 2 ** exponent
  const apply = tf.customGrad((input, save) => {
    const tensor = input as tf.Tensor
    const values = tensor.dataSync() as Float32Array
    const quantized = new Float32Array(values.length)
    for (let i = 0; i < values.length; i++)
      quantized[i] = Math.max(low, Math.min(high, roundHalfEven(values[i]! / scale))) * scale
    ;(save as tf.GradSaveFunc)([tensor])
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const upstream = dy.dataSync() as Float32Array
      const inputs = saved[0]!.dataSync() as Float32Array
      const gradient = new Float32Array(inputs.length)
      const bottom = (low - 0.5) * scale
      const top = (high + 0.5) * scale
      for (let i = 0; i < inputs.length; i++)
        if (inputs[i]! >= bottom && inputs[i]! <= top) gradient[i] = upstream[i]!
      return tf.tensor(gradient, dy.shape)
    }
    return { value: tf.tensor(quantized, tensor.shape), gradFunc }
  })
  return apply(x)
}
