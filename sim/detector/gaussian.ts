import type { Random } from '../../src/core/random.ts'

/**
 * 65536 equally likely normal deviates (midpoint quantiles) with variance exactly 1/2: the sum of two independent ones
 * is a normal deviate with variance 1 that is right out to beyond 5 sigma and ends at 6.
 */
const quantiles = makeQuantiles()

/**
 * Bulk normal deviates: one 32-bit number (xoshiro128**) and two table look-ups each, some 4 ns, because a full frame
 * needs millions. Seeded from `random`; the same seed gives the same numbers everywhere.
 */
export class FastNormal {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(random: Random) {
    this.#a = random.uint32() | 0
    this.#b = random.uint32() | 0
    this.#c = random.uint32() | 0
    this.#d = random.uint32() | 1
  }

  /** Fills the first `count` elements with deviates of mean 0 and standard deviation 1. */
  fill(out: Float32Array, count = out.length): void {
    const table = quantiles
    let a = this.#a
    let b = this.#b
    let c = this.#c
    let d = this.#d
    for (let i = 0; i < count; i++) {
      const r = Math.imul(b, 5)
      const u = Math.imul((r << 7) | (r >>> 25), 9)
      const t = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= t
      d = (d << 11) | (d >>> 21)
      out[i] = table[u & 0xffff]! + table[u >>> 16]!
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }
}

function makeQuantiles(): Float32Array {
  const half = new Float64Array(32768)
  let sum = 0
  for (let i = 0; i < 32768; i++) {
    half[i] = upperQuantile(0.5 - (i + 0.5) / 65536)
    sum += half[i]! ** 2
  }
  const scale = Math.sqrt(0.5 / (sum / 32768))
  const table = new Float32Array(65536)
  for (let i = 0; i < 32768; i++) {
    table[32768 + i] = half[i]! * scale
    table[32767 - i] = -half[i]! * scale
  }
  return table
}

/** x with normal probability `p` above it, 0 < p <= 0.5 (Abramowitz & Stegun 26.2.23, error below 4.5e-4). */
function upperQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p))
  return (
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  )
}
