import { roundToBfloat16, roundToFloat16 } from '../onnx/half-precision.ts'
import { onnxTypes } from '../onnx/onnx-model.ts'
import { allIntegerRanges } from '../onnx/onnx-tensor.ts'

/**
 * 'float32' rounds the result of every operator to its element type, as ONNX defines it; 'float64' leaves
 * floating-point results as doubles: the oracle over the real numbers.
 */
export type Precision = 'float32' | 'float64'

export function isFloat(type: number): boolean {
  return (
    type === onnxTypes.float ||
    type === onnxTypes.double ||
    type === onnxTypes.float16 ||
    type === onnxTypes.bfloat16
  )
}

/** The function that rounds to a floating-point type. */
export function floatRounding(type: number, precision: Precision): (x: number) => number {
  if (precision === 'float64' || type === onnxTypes.double) return (x) => x
  if (type === onnxTypes.float16) return roundToFloat16
  return type === onnxTypes.bfloat16 ? roundToBfloat16 : Math.fround
}

/**
 * The function that brings an integer into its type: modulo 2^bits up to 32 bits, and unchanged for 64.
 * It answers NaN for what a double does not hold exactly.
 */
export function integerWrapping(type: number): (x: number) => number {
  const range = allIntegerRanges.get(type)
  if (range === undefined) return (x) => (Number.isSafeInteger(x) || Math.abs(x) === 2 ** 63 ? x : Number.NaN)
  const [min, max] = range
  const span = max - min + 1
  return (x) => {
    if (x >= min && x <= max) return x
    return Number.isSafeInteger(x) ? x - Math.floor((x - min) / span) * span : Number.NaN
  }
}

/** The nearest integer, ties to even; NaN and infinities stay. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest < 0.5) return floor
  return rest > 0.5 || floor % 2 !== 0 ? floor + 1 : floor
}

/** `x` limited to an integer type's range; NaN becomes the smallest. */
export function saturate(x: number, range: readonly [number, number]): number {
  return x >= range[1] ? range[1] : x > range[0] ? x : range[0]
}
