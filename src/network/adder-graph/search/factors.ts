import { digitCount } from '../digits.ts'

/** Shifts of a pattern run from -31 to 31; a pattern code is `(shift + 32) * 2 + (negative ? 1 : 0)`. */
const shiftOffset = 32

export function patternCode(shift: number, negative: boolean): number {
  return (shift + shiftOffset) * 2 + (negative ? 1 : 0)
}

export function codeShift(code: number): number {
  return (code >> 1) - shiftOffset
}

/** The factor of the first value in a pattern. */
export function firstUnit(code: number): number {
  const shift = codeShift(code)
  return shift < 0 ? 2 ** -shift : 1
}

/** The factor of the second value in a pattern, with the sign. */
export function secondUnit(code: number): number {
  const shift = codeShift(code)
  return (shift > 0 ? 2 ** shift : 1) * (code & 1 ? -1 : 1)
}

/** Up to this many distinct factors their pairs are kept in a square table; beyond, in a hash map. */
const squareLimit = 2048

/**
 * All that the search asks about integer factors, remembered. A factor is known by its number; number 0 is the
 * factor 0. Factors have no fixed digits: a digit may go wherever that leaves one digit fewer, so every minimal
 * signed digit form takes part.
 */
export class Factors {
  readonly values: number[] = [0]
  /** Signed digits of each factor. */
  readonly digits: number[] = [0]
  readonly #numbers = new Map<number, number>([[0, 0]])
  /** Digits that may be taken: sign * (shift + 1). */
  readonly #removable: Int32Array[] = [new Int32Array(0)]

  #stride = 256
  /** Per pair of factors: 0 unknown, negative a single entry, else where its list starts in `pool`. */
  #square = new Int32Array(256 * 256)
  readonly #sparse = new Map<number, number>()
  /** Lists of patterns: a length, then entries `code << 4 | gain`. */
  pool = new Int32Array(1 << 14)
  #poolEnd = 1
  readonly #own: number[] = [0]
  readonly #times = new Map<number, number>()

  number(value: number): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    return this.#learn(value)
  }

  #learn(value: number): number {
    const number = this.values.length
    this.#numbers.set(value, number)
    this.values.push(value)
    const count = digitCount(value)
    this.digits.push(count)
    const removable: number[] = []
    for (let shift = 0; 2 ** shift <= 2 * Math.abs(value); shift++)
      for (const sign of [1, -1])
        if (digitCount(value - sign * 2 ** shift) < count) removable.push(sign * (shift + 1))
    this.#removable.push(Int32Array.from(removable))
    this.#own.push(0)
    if (number >= this.#stride && this.#stride < squareLimit) this.#widen()
    return number
  }

  /**
   * The patterns that two factors of different values share: `(first << a) + (second << b)` with either sign,
   * named by `b - a` and the sign, and how many digits each saves.
   * @returns a negative number -(code << 4 | gain) for a single pattern, else the start of a list in `pool`
   */
  pair(first: number, second: number): number {
    if (first < this.#stride && second < this.#stride) {
      const at = first * this.#stride + second
      const known = this.#square[at]!
      if (known !== 0) return known
      return (this.#square[at] = this.#store(this.#shared(first, second)))
    }
    const key = first * 4194304 + second
    const known = this.#sparse.get(key)
    if (known !== undefined) return known
    const list = this.#store(this.#shared(first, second))
    this.#sparse.set(key, list)
    return list
  }

  /** The patterns inside one factor: `value + (value << shift)` with either sign, shift > 0; as `pair`. */
  own(factor: number): number {
    const known = this.#own[factor]!
    if (known !== 0) return known
    return (this.#own[factor] = this.#store(this.#inside(factor)))
  }

  /** How often (as a factor number) the pattern is best taken out of a pair of factors. */
  times(first: number, second: number, code: number): number {
    const key = (first * 4194304 + second) * 128 + code
    let times = this.#times.get(key)
    if (times === undefined) {
      times = this.number(this.#best(first, second, code).times)
      this.#times.set(key, times)
    }
    return times
  }

  #best(first: number, second: number, code: number): { times: number; gain: number } {
    return this.#search(this.values[first]!, this.values[second]!, firstUnit(code), secondUnit(code))
  }

  /** What is left of the first factor when the pattern is taken out `times` (a factor number). */
  firstRest(first: number, times: number, code: number): number {
    return this.number(this.values[first]! - this.values[times]! * firstUnit(code))
  }

  secondRest(second: number, times: number, code: number): number {
    return this.number(this.values[second]! - this.values[times]! * secondUnit(code))
  }

  /** As `times`, for a pattern inside one factor. */
  ownTimes(factor: number, code: number): number {
    return this.number(this.#bestOwn(factor, code).times)
  }

  ownRest(factor: number, times: number, code: number): number {
    return this.number(this.values[factor]! - this.values[times]! * (1 + secondUnit(code)))
  }

  #bestOwn(factor: number, code: number): { times: number; gain: number } {
    return this.#search(this.values[factor]!, 0, 1 + secondUnit(code), 0)
  }

  /** Takes digits out one after another, as long as each saves one, and keeps the best sum of digits. */
  #search(a: number, b: number, unitA: number, unitB: number): { times: number; gain: number } {
    const all = digitCount(a) + digitCount(b)
    let times = 0
    let gain = 0
    const span = Math.max(Math.abs(a) / Math.abs(unitA), unitB === 0 ? 0 : Math.abs(b) / Math.abs(unitB))
    const visit = (k: number, saved: number, from: number): void => {
      for (let shift = from; 2 ** shift <= 2 * span; shift++)
        for (let sign = 1; sign >= -1; sign -= 2) {
          const next = k + sign * 2 ** shift
          const now = all - digitCount(a - next * unitA) - digitCount(b - next * unitB)
          const net = now - digitCount(next)
          if (net > gain) {
            gain = net
            times = next
          }
          if (net > saved) visit(next, net, shift + 1)
        }
    }
    visit(0, 0, 0)
    return { times, gain }
  }

  #shared(first: number, second: number): number[] {
    const entries: number[] = []
    const seen = new Map<number, number>()
    for (const a of this.#removable[first]!)
      for (const b of this.#removable[second]!) {
        const code = patternCode(Math.abs(b) - Math.abs(a), a > 0 !== b > 0)
        seen.set(code, (seen.get(code) ?? 0) + 1)
      }
    for (const [code, count] of seen)
      entries.push((code << 4) | (count === 1 ? 1 : Math.min(15, this.#best(first, second, code).gain)))
    return entries
  }

  #inside(factor: number): number[] {
    const count = this.digits[factor]!
    if (count < 2) return []
    const value = this.values[factor]!
    const entries: number[] = []
    for (let shift = 1; 2 ** shift <= 2 * Math.abs(value); shift++)
      for (const sign of [1, -1]) {
        const unit = 1 + sign * 2 ** shift
        // Twice x minus x is x: no pattern.
        if (unit === -1) continue
        const code = patternCode(shift, sign < 0)
        const { gain } = this.#bestOwn(factor, code)
        if (gain > 0) entries.push((code << 4) | Math.min(15, gain))
      }
    return entries
  }

  #store(entries: readonly number[]): number {
    if (entries.length === 1) return -entries[0]!
    const start = this.#poolEnd
    if (start + entries.length + 1 > this.pool.length) {
      const pool = new Int32Array(2 * this.pool.length + entries.length)
      pool.set(this.pool)
      this.pool = pool
    }
    this.pool[start] = entries.length
    this.pool.set(entries, start + 1)
    this.#poolEnd = start + 1 + entries.length
    return start
  }

  #widen(): void {
    const stride = 2 * this.#stride
    const square = new Int32Array(stride * stride)
    for (let row = 0; row < this.#stride; row++)
      square.set(this.#square.subarray(row * this.#stride, (row + 1) * this.#stride), row * stride)
    this.#square = square
    this.#stride = stride
  }
}
