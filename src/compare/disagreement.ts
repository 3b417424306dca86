/**
 * Why two devices gave different scores for one cluster:
 * `rounding`: no score is further off than one step of the network's output;
 * `quantization`: every score lies between those of the network and those of the same network without the
 * rounding of its activations, or within one step of that: the other device computes with finer numbers;
 * `real difference`: neither.
 */
export type Explanation = 'rounding' | 'quantization' | 'real difference'

/** Every explanation, the mildest first. */
export const explanations = ['rounding', 'quantization', 'real difference'] as const satisfies Explanation[]

/** A place where two devices gave different things for one frame. */
export interface Disagreement {
  readonly kind: 'bytes' | 'scores'
  readonly frame: number
  /** The two devices: the reference first. */
  readonly devices: readonly [string, string]
  /** `header`, `cluster 3`, `block row 7`, `tile row 0`, `trailer`. */
  readonly record: string
  readonly cluster: number | null
  readonly field: string
  readonly values: readonly [string, string]
  /** Bytes that differ in this frame, or scores in this cluster. */
  readonly count: number
  /** Of scores; null for bytes, which have to be the same, and where a device lacks the cluster. */
  readonly explanation: Explanation | null
}

/** One line for people. */
export function describeDisagreement(d: Disagreement): string {
  const [a, b] = d.devices
  const [noun, whole] = d.kind === 'bytes' ? ['byte', 'frame'] : ['score', 'cluster']
  const what = d.count === 1 ? `1 ${noun} differs` : `${d.count} ${noun}s differ`
  const why = d.explanation === null ? '' : `: ${d.explanation}`
  return `frame ${d.frame}, ${d.record}, ${d.field}: ${d.values[0]} from ${a}, ${d.values[1]} from ${b} (${what} in this ${whole}${why})`
}

/** Orders disagreements: bytes and what nothing explains above the rest, then by how much differs. */
export function severity({ explanation, count }: Disagreement): number {
  return 1000 * (explanation === null ? explanations.length : explanations.indexOf(explanation)) + count
}

/** Scores that are this far apart at most can come from rounding alone, in steps of the network's output. */
const oneStep = 1

/**
 * @param expected scores of the reference
 * @param given scores of the other device
 * @param unquantized those of the same network without rounding of its activations, where that is known
 */
export function explain(
  expected: ArrayLike<number>,
  given: ArrayLike<number>,
  unquantized: ArrayLike<number> | null,
): Explanation {
  if (largestDifference(expected, given) <= oneStep) return 'rounding'
  if (unquantized === null) return 'real difference'
  for (let k = 0; k < given.length; k++) {
    const low = Math.min(expected[k]!, unquantized[k]!) - oneStep
    const high = Math.max(expected[k]!, unquantized[k]!) + oneStep
    if (!(given[k]! >= low && given[k]! <= high)) return 'real difference'
  }
  return 'quantization'
}

/** Largest distance between two scores at the same place. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0
  for (let k = 0; k < a.length; k++) largest = Math.max(largest, Math.abs(a[k]! - b[k]!))
  return largest
}
