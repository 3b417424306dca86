import { expect, test } from 'vitest'
import { FastNormal } from '../../../sim/detector/gaussian.ts'
import { Random } from '../../../src/core/random.ts'

const count = 4_000_000
const values = new Float32Array(count)
new FastNormal(new Random(1)).fill(values)

test('the fast normal deviates have the moments of a Gaussian', () => {
  const sums = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    const v = values[i]!
    sums[0]! += v
    sums[1]! += v * v
    sums[2]! += v * v * v
    sums[3]! += v ** 4
  }
  const [mean, variance, skewness, kurtosis] = sums.map((s) => s / count) as [number, number, number, number]
  expect(Math.abs(mean)).toBeLessThan(0.002)
  expect(variance).toBeCloseTo(1, 2)
  expect(Math.abs(skewness)).toBeLessThan(0.006)
  expect(Math.abs(kurtosis - 3)).toBeLessThan(0.012)
})

test('the tails are Gaussian out to 5 sigma', () => {
  // Two-sided tail probabilities.
  const tails = [
    [1, 0.317311],
    [2, 0.0455003],
    [3, 0.0026998],
    [4, 6.3342e-5],
    [4.5, 6.795e-6],
    [5, 5.733e-7],
  ] as const
  for (const [sigma, probability] of tails) {
    let beyond = 0
    for (let i = 0; i < count; i++) if (Math.abs(values[i]!) > sigma) beyond++
    const expected = probability * count
    expect(Math.abs(beyond - expected)).toBeLessThan(4 * Math.sqrt(expected) + 0.002 * expected)
  }
})

test('neighbours and lags are uncorrelated, and a seed repeats', () => {
  for (const lag of [1, 2, 64, 2304]) {
    let product = 0
    for (let i = lag; i < count; i++) product += values[i]! * values[i - lag]!
    expect(Math.abs(product / count)).toBeLessThan(0.0025)
  }
  const again = new Float32Array(1000)
  new FastNormal(new Random(1)).fill(again)
  expect(again).toEqual(values.slice(0, 1000))
})
