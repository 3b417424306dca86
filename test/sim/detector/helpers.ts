import type { Deposit } from '../../../src/frame/truth.ts'

/** Mean and standard deviation. */
export function moments(values: ArrayLike<number>): { mean: number; sigma: number } {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  const mean = sum / values.length
  let square = 0
  for (let i = 0; i < values.length; i++) square += (values[i]! - mean) ** 2
  return { mean, sigma: Math.sqrt(square / (values.length - 1)) }
}

/** Light-weighted standard deviation along columns, in pixels. */
export function columnWidth(deposit: Deposit, sensorWidth: number): number {
  let sum = 0
  let square = 0
  for (let i = 0; i < deposit.pixels.length; i++) {
    const x = deposit.pixels[i]! % sensorWidth
    sum += deposit.light[i]! * x
    square += deposit.light[i]! * x * x
  }
  const mean = sum / deposit.adu
  return Math.sqrt(square / deposit.adu - mean * mean)
}
