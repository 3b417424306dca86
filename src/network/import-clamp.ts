import { GemgateError } from '../core/errors.ts'
import { attributesOf, type GraphIndex, nodeLabel, unsupported } from './onnx/onnx-graph.ts'
import type { OnnxNode } from './onnx/onnx-model.ts'
import { tensorValues } from './onnx/onnx-tensor.ts'
import { constantInput } from './quantization.ts'

/** Rounds half to even, as ONNX does; exact for every double. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/** A run of Relu and Clip nodes: a clamp after a clamp is a clamp. */
export class Clamp {
  low: number
  high: number

  constructor(low: number, high: number) {
    this.low = low
    this.high = high
  }

  /**
   * Adds a node; answers false, doing nothing, when it is neither Relu nor Clip.
   * @throws GemgateError GG_MODEL_UNSUPPORTED for computed limits, GG_MODEL_FORMAT for NaN or crossed ones
   */
  apply(index: GraphIndex, node: OnnxNode): boolean {
    if (node.domain !== '') return false
    if (node.operator === 'Relu') {
      attributesOf(node, [])
      this.#limit(0, Number.POSITIVE_INFINITY)
      return true
    }
    if (node.operator !== 'Clip') return false
    attributesOf(node, [])
    const low = limitOf(index, node, 1, Number.NEGATIVE_INFINITY)
    const high = limitOf(index, node, 2, Number.POSITIVE_INFINITY)
    if (!(low <= high))
      throw new GemgateError(
        'GG_MODEL_FORMAT',
        `${nodeLabel(node)}: limits ${low} and ${high}`,
        'Export again.',
      )
    this.#limit(low, high)
    return true
  }

  #limit(low: number, high: number): void {
    this.low = Math.min(Math.max(this.low, low), high)
    this.high = Math.min(Math.max(this.high, low), high)
  }

  /** The same clamp after QuantizeLinear with scale 2^exponent: rounding is monotone, so it commutes. */
  quantize(exponent: number, range: readonly [number, number]): Clamp {
    const quantized = (x: number): number =>
      Math.min(Math.max(roundHalfEven(x / 2 ** exponent), range[0]), range[1])
    return new Clamp(quantized(this.low), quantized(this.high))
  }
}

function limitOf(index: GraphIndex, node: OnnxNode, at: number, missing: number): number {
  if (!node.inputs[at]) return missing
  const values = tensorValues(constantInput(index, node, at, 'limit'))
  if (values.length !== 1) throw unsupported(node, 'its limit is not one number', 'Clip with scalars.')
  return values[0]!
}
