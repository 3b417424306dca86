/** How a quotient becomes an integer; the names of QONNX, with ONNX's own `ROUND` as 'half-even'. */
export type Rounding = 'half-even' | 'floor' | 'ceil' | 'up' | 'down' | 'half-up' | 'half-down'

/** An exact function from integers to integers: everything that stands between two matrices. */
export type ScalarFunction =
  /** `x * multiply + add` */
  | { readonly kind: 'affine'; readonly multiply: number; readonly add: number }
  /** `clamp(round(x / 2^shift), min, max)`; a negative shift multiplies. */
  | {
      readonly kind: 'round'
      readonly shift: number
      readonly rounding: Rounding
      readonly min: number
      readonly max: number
    }
  /** `clamp((x * multiply + add) >> shift, min, max)` with an arithmetic shift. */
  | {
      readonly kind: 'multiply-shift'
      readonly multiply: number
      readonly add: number
      readonly shift: number
      readonly min: number
      readonly max: number
    }
  /** `outputs[number of thresholds <= x]`; thresholds ascend, one output more than thresholds. */
  | { readonly kind: 'thresholds'; readonly thresholds: Float64Array; readonly outputs: Float64Array }
  /** `outputs[x - first]`, defined for `first <= x < first + outputs.length`. */
  | { readonly kind: 'table'; readonly first: number; readonly outputs: Float64Array }
  /**
   * What onnxruntime's fused quantized operators do, in float32:
   * `clamp(roundHalfEven(float32(float32(x) * multiplier)) + zeroPoint, min, max)`.
   * `multiplier` is a float32 above 0.
   */
  | {
      readonly kind: 'float32-scale'
      readonly multiplier: number
      readonly zeroPoint: number
      readonly min: number
      readonly max: number
    }

/**
 * @param x an integer of the value's range
 * @returns the exact result; a table beyond its ends answers with the nearest entry
 */
export function applyFunction(f: ScalarFunction, x: number): number {
  switch (f.kind) {
    case 'affine':
      return x * f.multiply + f.add + 0
    case 'round':
      return clamp(roundQuotient(x, f.shift, f.rounding), f.min, f.max)
    case 'multiply-shift':
      return clamp(Math.floor((x * f.multiply + f.add) / 2 ** f.shift), f.min, f.max)
    case 'thresholds':
      return f.outputs[countThresholds(f.thresholds, x)]!
    case 'table':
      return f.outputs[clamp(x - f.first, 0, f.outputs.length - 1)]!
    case 'float32-scale': {
      const product = Math.fround(Math.fround(x) * f.multiplier)
      return clamp(roundQuotient(product, 0, 'half-even') + f.zeroPoint, f.min, f.max)
    }
  }
}

/** `round(x / 2^shift)` for any double x; exact, because dividing by a power of two is. */
export function roundQuotient(x: number, shift: number, rounding: Rounding): number {
  const quotient = x / 2 ** shift
  const floor = Math.floor(quotient)
  const fraction = quotient - floor
  if (fraction === 0) return floor + 0
  return (roundsUp(floor, fraction, rounding) ? floor + 1 : floor) + 0
}

function roundsUp(floor: number, fraction: number, rounding: Rounding): boolean {
  const negative = floor < 0
  switch (rounding) {
    case 'floor':
      return false
    case 'ceil':
      return true
    case 'down':
      return negative
    case 'up':
      return !negative
    case 'half-even':
      return fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0)
    case 'half-up':
      return fraction > 0.5 || (fraction === 0.5 && !negative)
    case 'half-down':
      return fraction > 0.5 || (fraction === 0.5 && negative)
  }
}

/** How many of the ascending thresholds are at most x. */
export function countThresholds(thresholds: Float64Array, x: number): number {
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (thresholds[middle]! <= x) low = middle + 1
    else high = middle
  }
  return low
}

export function clamp(x: number, min: number, max: number): number {
  return x < min ? min : x > max ? max : x
}
