import type { PairSums } from './pair-sums.ts'

/**
 * One elementwise operation on real numbers with float32 constants, as a node of the file has it. Each is
 * monotone; `smooth` ones are known approximately only.
 */
export type Step =
  /** An integer added to an integer: exact in every arithmetic. */
  | { readonly kind: 'offset'; readonly value: number }
  | { readonly kind: 'add'; readonly value: number }
  | { readonly kind: 'multiply'; readonly value: number }
  | { readonly kind: 'divide'; readonly value: number }
  | { readonly kind: 'clip'; readonly low: number; readonly high: number }
  /** `x < 0 ? x * slope : x` */
  | { readonly kind: 'leaky'; readonly slope: number }
  /** BatchNormalization: `(x - mean) / sqrt(variance + epsilon) * scale + bias`. */
  | {
      readonly kind: 'normalize'
      readonly scale: number
      readonly bias: number
      readonly mean: number
      readonly variance: number
      readonly epsilon: number
    }
  | { readonly kind: 'smooth'; readonly name: 'Sigmoid' | 'Tanh' }
  /** First step only: the sum of two quantized operands, known for every pair of them. */
  | { readonly kind: 'pair-sum'; readonly sums: PairSums }
  /**
   * Behind offsets only: an int32 accumulator of a fused operator. When that operator quantizes its result,
   * it multiplies the scales its own way; else it makes `float32(accumulator) * float32(product of scales)`.
   */
  | {
      readonly kind: 'accumulator'
      readonly quantized: boolean
      readonly inputScale: number
      readonly weightScale: number
      /** Of an average: the number of its elements, by which the output scale is multiplied. */
      readonly divisor?: number
    }

/** How the integers of a value become the numbers of an ONNX tensor: the steps in order. */
export type Chain = readonly Step[]

/** Whether a chain rises (1) or falls (-1), weakly; 0 when it is constant. */
export function direction(chain: Chain): -1 | 0 | 1 {
  let sign: -1 | 0 | 1 = 1
  for (const step of chain) {
    if (step.kind === 'multiply' || step.kind === 'divide') sign = product(sign, step.value)
    else if (step.kind === 'normalize') sign = product(sign, step.scale)
  }
  return sign
}

/** Whether every step of a chain is strictly monotone in exact arithmetic. */
export function isStrict(chain: Chain): boolean {
  return chain.every((step) => {
    if (step.kind === 'multiply') return step.value !== 0
    if (step.kind === 'normalize') return step.scale !== 0
    return step.kind !== 'clip' && !(step.kind === 'leaky' && step.slope === 0)
  })
}

function product(sign: -1 | 0 | 1, value: number): -1 | 0 | 1 {
  return ((Math.sign(value) * sign) | 0) as -1 | 0 | 1
}

/** Whether two chains are the same steps with the same constants. */
export function sameChain(a: Chain, b: Chain): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  return a.every((step, k) => sameStep(step, b[k]!))
}

function sameStep(a: Step, b: Step): boolean {
  if (a === b) return true
  if (a.kind !== b.kind) return false
  const other = b as unknown as Record<string, unknown>
  return Object.entries(a).every(([key, value]) => Object.is(value, other[key]))
}
