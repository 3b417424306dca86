import type { Certificate } from './certificate.ts'

/** How a vector of quantized numbers is stored: real value = integer * 2^exponent. */
export interface NumberFormat {
  readonly bits: 8 | 16
  readonly signed: boolean
  readonly exponent: number
}

/**
 * One dense layer: `out[j] = clamp(round(acc / 2^shift), min, max)` with
 * `acc = bias[j] + sum_i weights[j * inputs + i] * x[i]`, rounding half to even; a negative shift multiplies.
 */
export interface DenseLayer {
  /** The name of its Gemm or MatMul node, for messages. */
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  /** Row-major `[outputs][inputs]`. */
  readonly weights: Int8Array
  /** `[outputs]`, in units of the accumulator. */
  readonly bias: Int32Array
  /** -24..24. */
  readonly shift: number
  /** Inclusive; a ReLU is `min` 0. */
  readonly min: number
  readonly max: number
}

/** A network of dense layers in integers: the specification of its Verilog, equal to its ONNX file. */
export interface IntegerNetwork {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly input: NumberFormat
  readonly output: NumberFormat
  readonly layers: readonly DenseLayer[]
  readonly certificate: Certificate
}

/** Integer vectors that a network reads and writes. */
export type NetworkVector = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array

const scratch = new WeakMap<IntegerNetwork, readonly [Int32Array, Int32Array]>()

function scratchOf(network: IntegerNetwork): readonly [Int32Array, Int32Array] {
  let buffers = scratch.get(network)
  if (buffers === undefined) {
    const width = network.layers.reduce((most, layer) => Math.max(most, layer.outputs), network.inputs)
    buffers = [new Int32Array(width), new Int32Array(width)]
    scratch.set(network, buffers)
  }
  return buffers
}

/**
 * `clamp(roundHalfEven(acc / 2^shift), min, max)` in 32-bit integers.
 * @param acc below 2^24 in size, and below 2^31 after a left shift
 */
export function requantize(acc: number, shift: number, min: number, max: number): number {
  let q = acc
  if (shift > 0) q = (acc + (1 << (shift - 1)) - 1 + ((acc >> shift) & 1)) >> shift
  else if (shift < 0) q = acc << -shift
  return Math.max(min, Math.min(q, max))
}

/**
 * Evaluates one vector, exactly; allocates nothing after the first call.
 * @param x `network.inputs` integers from `xOffset` on, within `network.input`
 * @param out receives `network.outputs` scores from `outOffset` on
 */
export function evaluate(
  network: IntegerNetwork,
  x: NetworkVector,
  out: NetworkVector,
  xOffset = 0,
  outOffset = 0,
): void {
  const buffers = scratchOf(network)
  let from = buffers[0]
  let to = buffers[1]
  for (let i = 0; i < network.inputs; i++) from[i] = x[xOffset + i]!
  const layers = network.layers
  for (let l = 0; l < layers.length; l++) {
    const layer = layers[l]!
    const { inputs, outputs, weights, bias, shift, min, max } = layer
    for (let j = 0, w = 0; j < outputs; j++) {
      let acc = bias[j]!
      for (let i = 0; i < inputs; i++, w++) acc += weights[w]! * from[i]!
      to[j] = requantize(acc, shift, min, max)
    }
    const swap = from
    from = to
    to = swap
  }
  for (let j = 0; j < network.outputs; j++) out[outOffset + j] = from[j]!
}

/** Evaluates `rows` vectors stored one after the other: `x[rows][inputs]` to `out[rows][outputs]`. */
export function evaluateBatch(
  network: IntegerNetwork,
  x: NetworkVector,
  rows: number,
  out: NetworkVector,
): void {
  for (let r = 0; r < rows; r++) evaluate(network, x, out, r * network.inputs, r * network.outputs)
}

/** Smallest and largest integer of a number format. */
export function formatRange(format: { readonly bits: number; readonly signed: boolean }): [number, number] {
  const span = 2 ** format.bits
  return format.signed ? [-span / 2, span / 2 - 1] : [0, span - 1]
}

/** An empty score vector of the type that the network's ONNX file declares. */
export function makeScores(
  network: IntegerNetwork,
  rows = 1,
): Int8Array | Uint8Array | Int16Array | Uint16Array {
  const { bits, signed } = network.output
  const length = rows * network.outputs
  if (bits === 8) return signed ? new Int8Array(length) : new Uint8Array(length)
  return signed ? new Int16Array(length) : new Uint16Array(length)
}
