import type { Constant } from './constant.ts'
import { type LinearForm, splitFactor, unitForm, withFactor } from './linear-form.ts'

/** The weights of one output: `integers[i] * scale`, exactly. */
export interface WeightRow {
  readonly integers: Float64Array
  readonly form: LinearForm
  /** The one scale of the row when the file says so: what fused operators multiply by. */
  readonly scale?: number
}

/** Integers beyond this are float weights, not quantized ones. */
const largestWeight = 2 ** 20

/**
 * The weights with the given element numbers as integers times one scale, or the reason why they are not.
 */
export function weightRow(weights: Constant, elements: Int32Array): WeightRow | string {
  const { quantized } = weights
  return quantized === undefined ? plainRow(weights.values, elements) : quantizedRow(quantized, elements)
}

/** Values that are multiples of a power of two. */
function plainRow(values: Float64Array, elements: Int32Array): WeightRow | string {
  let exponent = Number.POSITIVE_INFINITY
  let largest = 0
  for (const i of elements) {
    const x = Math.abs(values[i]!)
    if (!Number.isFinite(x)) return `a weight is ${x}`
    if (x === 0) continue
    exponent = Math.min(exponent, lowestBit(x))
    largest = Math.max(largest, x)
  }
  if (exponent === Number.POSITIVE_INFINITY)
    return { integers: new Float64Array(elements.length), form: unitForm }
  if (largest / 2 ** exponent > largestWeight)
    return `its weights are not quantized (they need ${Math.ceil(Math.log2(largest)) - exponent + 1} bits)`
  return {
    integers: Float64Array.from(elements, (i) => values[i]! / 2 ** exponent + 0),
    form: { ...unitForm, exponent },
  }
}

/** Exponent of the lowest bit of a positive double. */
function lowestBit(x: number): number {
  let { mantissa, exponent } = splitFactor(x)
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent--
  }
  return exponent
}

/** Integers with scales of their own, which must differ by powers of two only. */
function quantizedRow(
  { integers, scales }: NonNullable<Constant['quantized']>,
  elements: Int32Array,
): WeightRow | string {
  let mantissa: number | undefined
  let lowest = Number.POSITIVE_INFINITY
  let single: number | undefined
  let uniform = true
  for (const i of elements) {
    const scale = scales[i]!
    if (!(scale >= 2 ** -126 && scale < 2 ** 127)) return `a weight has scale ${scale}`
    single ??= scale
    uniform &&= scale === single
    if (integers[i] === 0) continue
    const parts = splitFactor(scale)
    if (mantissa !== undefined && parts.mantissa !== mantissa)
      return 'weights of one output have different scales, which are no powers of two of each other'
    mantissa = parts.mantissa
    lowest = Math.min(lowest, parts.exponent)
  }
  const scale = uniform && single !== undefined ? { scale: single } : {}
  if (mantissa === undefined)
    return {
      integers: new Float64Array(elements.length),
      form: single === undefined ? unitForm : withFactor(unitForm, single),
      ...scale,
    }
  const base = mantissa * 2 ** lowest
  return {
    integers: Float64Array.from(
      elements,
      (i) => integers[i]! * (integers[i] === 0 ? 1 : scales[i]! / base) + 0,
    ),
    form: withFactor(unitForm, base),
    ...scale,
  }
}
