/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna, doi:10.1145/3460772) seeded by splitmix32.
 * The same seed gives the same numbers on every platform; `fork` gives independent named streams.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number
  #spare: number | undefined

  constructor(seed: number) {
    let s = seed | 0
    const next = (): number => {
      s = (s + 0x9e3779b9) | 0
      let z = s ^ (s >>> 16)
      z = Math.imul(z, 0x21f0aaad)
      z ^= z >>> 15
      z = Math.imul(z, 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    const r = Math.imul(this.#b, 5)
    const result = Math.imul((r << 7) | (r >>> 25), 9)
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.uint32() / 4294967296
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Normal deviate with mean 0 and standard deviation 1 (Marsaglia polar method). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare
      this.#spare = undefined
      return value
    }
    for (;;) {
      const x = 2 * this.uniform() - 1
      const y = 2 * this.uniform() - 1
      const r2 = x * x + y * y
      if (r2 >= 1 || r2 === 0) continue
      const f = Math.sqrt((-2 * Math.log(r2)) / r2)
      this.#spare = y * f
      return x * f
    }
  }

  /** Exponential deviate with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.uniform())
  }

  /** Poisson deviate; exact below mean 30, transformed rejection (Hörmann 1993, PTRS) above. */
  poisson(mean: number): number {
    if (mean <= 0) return 0
    if (mean < 30) {
      const limit = Math.exp(-mean)
      let k = 0
      for (let p = this.uniform(); p > limit; p *= this.uniform()) k++
      return k
    }
    const slam = Math.sqrt(mean)
    const b = 0.931 + 2.53 * slam
    const a = -0.059 + 0.02483 * b
    const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    const vr = 0.9277 - 3.6224 / (b - 2)
    for (;;) {
      const u = this.uniform() - 0.5
      const v = this.uniform()
      const us = 0.5 - Math.abs(u)
      const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
      if (us >= 0.07 && v <= vr) return k
      if (k < 0 || (us < 0.013 && v > us)) continue
      if (
        Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b) <=
        k * Math.log(mean) - mean - logFactorial(k)
      )
        return k
    }
  }

  /** Gamma deviate of integer shape k and scale 1: the sum of k exponentials. */
  gamma(k: number): number {
    if (k <= 0) return 0
    if (k < 12) {
      let product = 1
      for (let i = 0; i < k; i++) product *= 1 - this.uniform()
      return -Math.log(product)
    }
    const d = k - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = this.normal()
      const v = (1 + c * x) ** 3
      if (v <= 0) continue
      const u = this.uniform()
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
    }
  }

  /** An independent generator for a named purpose; drawing from it leaves this one unchanged. */
  fork(...names: readonly (string | number)[]): Random {
    let h = (this.#a ^ Math.imul(this.#d, 0x85ebca6b)) | 0
    for (const character of names.join('\u0000')) {
      h = Math.imul(h ^ character.codePointAt(0)!, 0x01000193)
      h ^= h >>> 15
    }
    return new Random(h)
  }
}

function logFactorial(k: number): number {
  if (k < 2) return 0
  const x = k + 1
  return (
    (x - 0.5) * Math.log(x) -
    x +
    0.5 * Math.log(2 * Math.PI) +
    1 / (12 * x) -
    1 / (360 * x ** 3) +
    1 / (1260 * x ** 5)
  )
}
