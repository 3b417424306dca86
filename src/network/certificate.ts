import { GemgateError } from '../core/errors.ts'

/** Integers below this are exact in float32, so sums in any order, with or without FMA, are exact. */
export const exactLimit = 2 ** 24

/** Why one layer's float32 evaluation is exact. */
export interface LayerBound {
  readonly name: string
  /** Largest absolute input, by the format or clamp that feeds the layer. */
  readonly inputBound: number
  /** Per output: `sum_i |w_i| * inputBound + |bias|`, all below 2^24. */
  readonly accumulatorBounds: readonly number[]
  /** The largest of them. */
  readonly accumulatorBound: number
  /** Two's complement bits that hold every accumulator value and partial sum. */
  readonly accumulatorBits: number
}

/**
 * The reason why an integer network equals ONNX Runtime's evaluation of its file. Class A: every scale is
 * a power of two, every zero point 0, every bias in units of the accumulator, and no accumulator reaches
 * 2^24; then each product and partial sum is an exact float32 and the only rounding is QuantizeLinear's.
 * Oracle 'qdq-float': the file as written, graph optimisation disabled.
 */
export interface Certificate {
  readonly oracle: 'qdq-float'
  readonly class: 'A'
  readonly layers: readonly LayerBound[]
}

/**
 * The bound of one layer.
 * @param weights row-major `[outputs][inputs]`
 * @throws GemgateError GG_MODEL_INEXACT when an accumulator could reach 2^24 (naming node and output)
 */
export function boundLayer(
  name: string,
  weights: Int8Array,
  bias: Int32Array,
  inputs: number,
  inputBound: number,
): LayerBound {
  const accumulatorBounds: number[] = []
  for (let j = 0; j < bias.length; j++) {
    let sum = 0
    for (let i = 0; i < inputs; i++) sum += Math.abs(weights[j * inputs + i]!)
    const bound = sum * inputBound + Math.abs(bias[j]!)
    if (bound >= exactLimit)
      throw new GemgateError(
        'GG_MODEL_INEXACT',
        `node '${name}', output ${j}: the accumulator can reach ${bound}, beyond the 2^24 that float32 holds exactly`,
        'Use smaller weights, fewer inputs, narrower activations (8 bits) or a smaller bias.',
      )
    accumulatorBounds.push(bound)
  }
  const accumulatorBound = accumulatorBounds.reduce((a, b) => Math.max(a, b), 0)
  const accumulatorBits = Math.ceil(Math.log2(accumulatorBound + 1)) + 1
  return { name, inputBound, accumulatorBounds, accumulatorBound, accumulatorBits }
}
