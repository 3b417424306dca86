import type { EfficiencyPoint } from './efficiency.ts'

/** An energy in keVee with its statistical error. */
export interface EnergyAt {
  readonly keVee: number
  readonly error: number
}

/** Coefficients of a + b x + c x^2. */
type Parabola = readonly [number, number, number]

/**
 * Energy at which an efficiency is reached. The efficiency is fitted (maximum likelihood, binomial) with
 * 1 / (1 + exp(-(a + b x + c x^2))), x = ln keVee: two coefficients for place and steepness, the third because
 * primary statistics make the upper half less steep than the noise makes the lower. The error follows from the
 * fit's covariance. Null when the points do not reach the efficiency.
 */
export function energyAt(points: readonly EfficiencyPoint[], efficiency: number): EnergyAt | null {
  const fit = fitLogit(points)
  const wanted = Math.log(efficiency / (1 - efficiency))
  const x = crossing(fit.coefficients, wanted, Math.log(points[0]!.keVee), Math.log(points.at(-1)!.keVee))
  if (x === null) return null
  const [, b, c] = fit.coefficients
  const slope = b + 2 * c * x
  const powers = [1, x, x * x]
  let variance = 0
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) variance += powers[i]! * powers[j]! * fit.covariance[i]![j]!
  return { keVee: Math.exp(x), error: (Math.exp(x) * Math.sqrt(variance)) / Math.abs(slope) }
}

/** Events added to found and to missed at each point, so that full efficiency has a finite logit. */
const prior = 0.02

/** Newton's method. */
function fitLogit(points: readonly EfficiencyPoint[]): {
  coefficients: Parabola
  covariance: number[][]
} {
  let coefficients: Parabola = [0, 1, 0]
  for (let round = 0; ; round++) {
    const gradient = [0, 0, 0]
    const curvature = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]
    for (const { keVee, found, tried } of points) {
      const x = Math.log(keVee)
      const powers = [1, x, x * x]
      const p = 1 / (1 + Math.exp(-(coefficients[0] + coefficients[1] * x + coefficients[2] * x * x)))
      for (let i = 0; i < 3; i++) {
        gradient[i]! += powers[i]! * (found + prior - (tried + 2 * prior) * p)
        for (let j = 0; j < 3; j++)
          curvature[i]![j]! += powers[i]! * powers[j]! * (tried + 2 * prior) * p * (1 - p)
      }
    }
    const covariance = inverse(curvature)
    const step = covariance.map((row) => row.reduce((sum, v, i) => sum + v * gradient[i]!, 0))
    const longest = Math.max(1, ...step.map((s) => Math.abs(s) / 2))
    coefficients = coefficients.map((v, i) => v + step[i]! / longest) as unknown as Parabola
    if (Math.max(...step.map(Math.abs)) < 1e-9 || round === 200) return { coefficients, covariance }
  }
}

/** Inverse of a symmetric positive 3 x 3 matrix. */
function inverse(m: readonly (readonly number[])[]): number[][] {
  const minor = (i: number, j: number): number => {
    const [r, s] = [(i + 1) % 3, (i + 2) % 3]
    const [c, d] = [(j + 1) % 3, (j + 2) % 3]
    return m[r]![c]! * m[s]![d]! - m[r]![d]! * m[s]![c]!
  }
  const determinant = [0, 1, 2].reduce((sum, j) => sum + m[0]![j]! * minor(0, j), 0)
  return [0, 1, 2].map((i) => [0, 1, 2].map((j) => minor(j, i) / determinant))
}

/** The lowest x in the range at which the parabola rises through `wanted`. */
function crossing([a, b, c]: Parabola, wanted: number, from: number, to: number): number | null {
  const value = (x: number): number => a + b * x + c * x * x - wanted
  const steps = 400
  for (let i = 0; i < steps; i++) {
    let low = from + ((to - from) * i) / steps
    let high = from + ((to - from) * (i + 1)) / steps
    if (!(value(low) < 0 && value(high) >= 0)) continue
    for (let k = 0; k < 50; k++) {
      const middle = (low + high) / 2
      if (value(middle) < 0) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return null
}
