import type { ErrorCode } from '../../core/errors.ts'

/**
 * What "equal" means for a network; each is a definite evaluation that another program can repeat.
 *
 * - 'qdq-float': the file as written, node by node, each operation of a definition rounded once to float32
 *   (ONNX Runtime, optimisation disabled).
 * - 'fused': `fusedModel(model)`, where each DequantizeLinear, Conv/Gemm/MatMul/GlobalAveragePool,
 *   QuantizeLinear group is one QLinearConv, QGemm, QLinearMatMul or QLinearGlobalAveragePool with an int32
 *   accumulator and one float32 multiplication; everything else as in 'qdq-float'.
 * - 'qonnx': the definitions of ONNX and QONNX in exact real arithmetic, float32 constants (and constant
 *   expressions folded in float32) taken as exact numbers. A float32 runtime can differ from it only by
 *   its own rounding errors.
 */
export type Oracle = 'qdq-float' | 'fused' | 'qonnx'

/**
 * How a result is known to be exact. A: every float32 operation of the oracle is exact, or rounds once
 * where the hardware rounds, so the order of sums, fused multiply-adds and the runtime do not matter (but
 * optimisers that change the graph do: ONNX Runtime 1.30 drops one of two quantizers in a row, and makes a
 * Pad with zeros before a MaxPool padding of the pool).
 * B: a step function found by bisection or enumeration of the oracle's own arithmetic. C: one
 * multiplication with rounding, checked at every step or a replica of the float32 multiplication.
 * A < B < C: a network has the class of its weakest node.
 */
export type CertificateClass = 'A' | 'B' | 'C'

/** Why the hardware's integers at one node equal the oracle's. */
export interface NodeCertificate {
  /** Name of the node, or of the value that it makes when it has none. */
  readonly node: string
  readonly operator: string
  readonly class: CertificateClass
  readonly oracle: Oracle
  /**
   * For `exact` nodes the largest possible |integer| at it (accumulator or result); otherwise the largest
   * possible error in steps of the output.
   */
  readonly bound: number
  readonly exact: boolean
  readonly reason: string
}

/** The reason why an integer graph equals the evaluation of its file under the named oracle. */
export interface Certificate {
  readonly oracle: Oracle
  readonly class: CertificateClass
  /** In the order of evaluation; nodes that only move or fold data are left out. */
  readonly perNode: readonly NodeCertificate[]
}

/** What is known about one node of a network that may or may not be importable. */
export interface NodeVerdict {
  readonly node: string
  readonly operator: string
  /** 'skipped': it reads only what a refused node makes. */
  readonly verdict: 'exact' | 'refused' | 'skipped'
  readonly class?: CertificateClass
  readonly code?: ErrorCode
  readonly reason: string
  readonly remedy?: string
}

/** Everything that stands between a network and exact hardware. */
export interface NetworkCheck {
  readonly ok: boolean
  readonly oracle: Oracle
  /** Present when `ok`. */
  readonly class?: CertificateClass
  readonly nodes: readonly NodeVerdict[]
}

/** The grid on which the host delivers a float graph input: real value = (integer - zeroPoint) * scale. */
export interface InputGrid {
  readonly bits: number
  readonly signed: boolean
  /** A float32 above 0, or `exponent` for the scale 2^exponent. */
  readonly scale?: number
  readonly exponent?: number
  readonly zeroPoint?: number
}

export interface ImportOptions {
  /** Default: 'qonnx' for files with QONNX operators, else 'qdq-float' where possible, else 'fused'. */
  readonly oracle?: Oracle
  /** For float inputs that the graph does not quantize itself; one for all, or by input name. */
  readonly input?: InputGrid | Readonly<Record<string, InputGrid>>
}

const order: readonly CertificateClass[] = ['A', 'B', 'C']

/** The class of a whole: that of its weakest part, A without parts. */
export function weakestClass(classes: Iterable<CertificateClass>): CertificateClass {
  let weakest = 0
  for (const one of classes) weakest = Math.max(weakest, order.indexOf(one))
  return order[weakest]!
}
