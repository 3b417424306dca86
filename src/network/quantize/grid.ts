/** The integers and the power-of-two scale that a value is rounded to. */
export interface Grid {
  /** Real value = integer * 2^exponent. */
  readonly exponent: number
  readonly bits: number
  readonly signed: boolean
}

/** Larger exponents could leave the range in which float32 is exact in a product of two scales and a sum. */
export const largestExponent = 30

/** Smallest and largest integer of a grid. */
export function gridRange({ bits, signed }: Pick<Grid, 'bits' | 'signed'>): readonly [number, number] {
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
}

/** The integer of a grid nearest to x, ties to even. */
export function toGrid(x: number, exponent: number, [min, max]: readonly [number, number]): number {
  const scaled = x / 2 ** exponent
  const floor = Math.floor(scaled)
  const rest = scaled - floor
  const nearest = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
  return Math.min(max, Math.max(min, nearest)) + 0
}

/** How many smaller scales than the one that holds everything are tried: clipping a little may pay. */
const smallerScales = 3

/**
 * The exponents worth trying for numbers up to `largest` in size: the smallest that holds them all without
 * clipping, `ceil(log2(largest / most))`, and the next smaller ones.
 * @param most the largest integer of the grid
 */
export function candidateExponents(largest: number, most: number): number[] {
  const exponent = largest > 0 ? Math.ceil(Math.log2(largest / most)) : -Math.ceil(Math.log2(most))
  const held = Math.min(largestExponent, Math.max(-largestExponent, exponent))
  return Array.from({ length: smallerScales + 1 }, (_, k) => held - k).filter((e) => e >= -largestExponent)
}

/** The sum of squared rounding errors of numbers on a grid. */
export function squaredError(
  numbers: ArrayLike<number>,
  exponent: number,
  range: readonly [number, number],
): number {
  let sum = 0
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i]!
    sum += (x - toGrid(x, exponent, range) * 2 ** exponent) ** 2
  }
  return sum
}

/** The candidate of least error; of equal ones the first, which clips least. */
export function leastError(candidates: readonly number[], errors: readonly number[]): number {
  let best = 0
  for (let k = 1; k < candidates.length; k++) if (errors[k]! < errors[best]!) best = k
  return candidates[best]!
}
