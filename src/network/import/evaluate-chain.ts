import type { Chain, Step } from './chain.ts'
import {
  addIntervals,
  compareIntervals,
  exactly,
  invertInterval,
  multiplyIntervals,
  type RationalInterval,
  rootOf,
} from './rational.ts'

/** The chain at an integer in float32, every operation rounded once: the oracles of float evaluation. */
export function evaluateFloat32(chain: Chain, q: number): number {
  return chain.reduce(
    (x, step) => (step.kind === 'offset' ? x + step.value : float32Step(step, Math.fround(x))),
    q,
  )
}

function float32Step(step: Step, x: number): number {
  switch (step.kind) {
    case 'offset':
    case 'add':
      return Math.fround(x + step.value)
    case 'multiply':
      return Math.fround(x * step.value)
    case 'divide':
      return Math.fround(x / step.value)
    case 'clip':
      return Math.min(Math.max(x, step.low), step.high)
    case 'leaky':
      return x < 0 ? Math.fround(x * step.slope) : x
    case 'normalize': {
      const deviation = Math.fround(Math.sqrt(Math.fround(step.variance + step.epsilon)))
      const normal = Math.fround(Math.fround(x - step.mean) / deviation)
      return Math.fround(Math.fround(normal * step.scale) + step.bias)
    }
    case 'smooth':
      return Math.fround(smooth(step.name, x))
    case 'pair-sum':
      throw new RangeError('a sum of pairs is looked up, not computed')
    case 'accumulator':
      return Math.fround(x * Math.fround(step.inputScale * step.weightScale))
  }
}

export function smooth(name: 'Sigmoid' | 'Tanh', x: number): number {
  return name === 'Tanh' ? Math.tanh(x) : 1 / (1 + Math.exp(-x))
}

/** A double and how far the exact result can be from it. */
export interface Approximation {
  readonly value: number
  readonly error: number
}

/** Relative error of one operation, and absolute error of one transcendental function. */
export interface RoundingErrors {
  readonly epsilon: number
  readonly smooth: number
}

/** Doubles; the library's functions err by a few units in the last place. */
const doubleErrors: RoundingErrors = { epsilon: 2 ** -51, smooth: 2 ** -48 }

/**
 * The chain at an integer in doubles, with a bound of how far an evaluation with the given rounding errors
 * can be from it; without them, of how far exact arithmetic can be.
 */
export function evaluateApproximately(
  chain: Chain,
  q: number,
  { epsilon, smooth: smoothError }: RoundingErrors = doubleErrors,
): Approximation {
  let value = q
  let error = 0
  for (const step of chain) {
    switch (step.kind) {
      case 'offset':
      case 'add':
        value += step.value
        error += Math.abs(value) * epsilon
        break
      case 'multiply':
        value *= step.value
        error = error * Math.abs(step.value) * (1 + epsilon) + Math.abs(value) * epsilon
        break
      case 'divide':
        value /= step.value
        error = (error / Math.abs(step.value)) * (1 + epsilon) + Math.abs(value) * epsilon
        break
      case 'clip':
        value = Math.min(Math.max(value, step.low), step.high)
        break
      case 'leaky':
        error = error * Math.max(1, Math.abs(step.slope)) + Math.abs(value * step.slope) * epsilon
        value = value < 0 ? value * step.slope : value
        break
      case 'normalize': {
        const factor = step.scale / Math.sqrt(step.variance + step.epsilon)
        const product = (value - step.mean) * factor
        error =
          (error + (Math.abs(value) + Math.abs(step.mean)) * epsilon) * Math.abs(factor) * (1 + 8 * epsilon)
        error += Math.abs(product) * 8 * epsilon
        value = product + step.bias
        error += Math.abs(value) * epsilon
        break
      }
      case 'smooth':
        // Both have slopes of at most 1.
        value = smooth(step.name, value)
        error += smoothError
        break
      case 'pair-sum':
        throw new RangeError('a sum of pairs is looked up, not computed')
      case 'accumulator':
        value = value * step.inputScale * step.weightScale
        error = Math.abs(value) * 4 * epsilon
        break
    }
  }
  return { value, error: error * 2 + Number.MIN_VALUE * 2 ** 64 }
}

/** The chain at an integer in exact arithmetic. */
export function evaluateExactly(chain: Chain, q: number): RationalInterval {
  return chain.reduce((x, step) => exactStep(step, x), exactly(q))
}

function exactStep(step: Step, x: RationalInterval): RationalInterval {
  switch (step.kind) {
    case 'offset':
    case 'add':
      return addIntervals(x, exactly(step.value))
    case 'multiply':
      return multiplyIntervals(x, exactly(step.value))
    case 'divide':
      return multiplyIntervals(x, invertInterval(exactly(step.value)))
    case 'clip':
      return clipped(x, step.low, step.high)
    case 'leaky': {
      const scaled = multiplyIntervals(x, exactly(step.slope))
      if (x.lo >= 0n) return x
      return x.hi <= 0n ? scaled : joined(x, scaled)
    }
    case 'normalize': {
      const centred = addIntervals(x, exactly(-step.mean))
      const deviation = rootOf(addIntervals(exactly(step.variance), exactly(step.epsilon)))
      const normal = multiplyIntervals(centred, invertInterval(deviation))
      return addIntervals(multiplyIntervals(normal, exactly(step.scale)), exactly(step.bias))
    }
    case 'smooth': {
      const at = Number((x.lo * 2n ** 80n) / x.den) / 2 ** 80
      if (at === 0) return exactly(smooth(step.name, 0))
      const value = smooth(step.name, at)
      const error = exactly(2 ** -46)
      const middle = exactly(value)
      const low = addIntervals(middle, { lo: -error.lo, hi: -error.lo, den: error.den })
      const high = addIntervals(middle, error)
      return { lo: low.lo, hi: high.hi, den: low.den }
    }
    case 'pair-sum':
      throw new RangeError('a sum of pairs is looked up, not computed')
    case 'accumulator':
      return multiplyIntervals(multiplyIntervals(x, exactly(step.inputScale)), exactly(step.weightScale))
  }
}

function clipped(x: RationalInterval, low: number, high: number): RationalInterval {
  if (high !== Number.POSITIVE_INFINITY && compareIntervals(x, exactly(high)) === 1) return exactly(high)
  if (low !== Number.NEGATIVE_INFINITY && compareIntervals(x, exactly(low)) === -1) return exactly(low)
  return x
}

function joined(a: RationalInterval, b: RationalInterval): RationalInterval {
  const scaled = { lo: a.lo * b.den, hi: a.hi * b.den }
  const other = { lo: b.lo * a.den, hi: b.hi * a.den }
  return {
    lo: scaled.lo < other.lo ? scaled.lo : other.lo,
    hi: scaled.hi > other.hi ? scaled.hi : other.hi,
    den: a.den * b.den,
  }
}
