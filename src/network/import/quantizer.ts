import { clamp, type Rounding, roundQuotient } from '../graph/scalar-function.ts'
import { addIntervals, exactly, multiplyIntervals, type RationalInterval } from './rational.ts'

/**
 * A step function from reals to the integers `min..max`, rising. The result of level k stands for the
 * number `k + resultOffset` in the graph.
 */
export type Quantizer =
  /**
   * `clamp(round(x / scale + shift), min, max)`. ONNX rounds first and adds its zero point afterwards, so its
   * shift is 0 and its limits are those of the type less the zero point; QONNX adds it before.
   */
  | {
      readonly kind: 'uniform'
      readonly scale: number
      readonly shift: number
      readonly rounding: Rounding
      readonly min: number
      readonly max: number
      readonly resultOffset: number
    }
  /** The number of ascending thresholds that are at most x. */
  | { readonly kind: 'steps'; readonly thresholds: readonly number[]; readonly outputs: readonly number[] }

/** Smallest and largest level. */
export function levelLimits(quantizer: Quantizer): readonly [number, number] {
  return quantizer.kind === 'uniform' ? [quantizer.min, quantizer.max] : [0, quantizer.thresholds.length]
}

/** The integer in the graph that level k becomes. */
export function levelOutput(quantizer: Quantizer, level: number): number {
  return quantizer.kind === 'uniform' ? level + quantizer.resultOffset : quantizer.outputs[level]!
}

/** The level of a float32, as ONNX's QuantizeLinear computes it: divide in float32, clamp, round. */
export function float32Level(quantizer: Quantizer, x: number): number {
  if (quantizer.kind === 'steps') return quantizer.thresholds.filter((threshold) => threshold <= x).length
  const quotient = Math.fround(Math.fround(x) / quantizer.scale)
  const shifted = quantizer.shift === 0 ? quotient : Math.fround(quotient + quantizer.shift)
  return roundQuotient(clamp(shifted, quantizer.min, quantizer.max), 0, quantizer.rounding)
}

/** The level of a double, up to an error next to a boundary. */
export function approximateLevel(quantizer: Quantizer, x: number): number {
  if (quantizer.kind === 'steps') return quantizer.thresholds.filter((threshold) => threshold <= x).length
  const shifted = x / quantizer.scale + quantizer.shift
  return roundQuotient(clamp(shifted, quantizer.min, quantizer.max), 0, quantizer.rounding)
}

/** Where level k begins: at the number itself (`inclusive`) or just above it. */
export interface Boundary {
  readonly exact: () => RationalInterval
  readonly approximate: number
  readonly inclusive: boolean
}

/** The boundary below level k, for k above the smallest level. */
export function boundaryBelow(quantizer: Quantizer, level: number): Boundary {
  if (quantizer.kind === 'steps') {
    const threshold = quantizer.thresholds[level - 1]!
    return { exact: () => exactly(threshold), approximate: threshold, inclusive: true }
  }
  const { half, inclusive } = beginning(quantizer.rounding, level)
  const units = (half ? level - 0.5 : inclusive ? level : level - 1) as number
  const { scale, shift } = quantizer
  return {
    exact: () => multiplyIntervals(addIntervals(exactly(units), exactly(-shift)), exactly(scale)),
    approximate: (units - shift) * scale,
    inclusive,
  }
}

/**
 * Where `round(t)` reaches k: from k - 1/2 (`half`), else from k (`inclusive`) or from above k - 1.
 * `inclusive` says whether the boundary itself already belongs to k.
 */
function beginning(rounding: Rounding, k: number): { readonly half: boolean; readonly inclusive: boolean } {
  switch (rounding) {
    case 'floor':
      return { half: false, inclusive: true }
    case 'ceil':
      return { half: false, inclusive: false }
    case 'up':
      return { half: false, inclusive: k <= 0 }
    case 'down':
      return { half: false, inclusive: k > 0 }
    case 'half-even':
      return { half: true, inclusive: k % 2 === 0 }
    case 'half-up':
      return { half: true, inclusive: k > 0 }
    case 'half-down':
      return { half: true, inclusive: k <= 0 }
  }
}
