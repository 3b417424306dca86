import type { Arithmetic } from './arithmetic.ts'
import { wordBits } from './arithmetic.ts'
import { type Bits, concat, ONE, repeat, resize, ZERO } from './bits.ts'
import type { Netlist } from './netlist.ts'

/** Widest divisor for which two 32-bit limbs are divided at once. */
const limbBits = 32

/** Quotient and remainder, rounded towards zero; both are 0 where the divisor is. */
export interface Division {
  readonly quotient: Bits
  readonly remainder: Bits
}

/** Division of any width, built from words. */
export class Divider {
  readonly #netlist: Netlist
  readonly #arithmetic: Arithmetic

  constructor(netlist: Netlist, arithmetic: Arithmetic) {
    this.#netlist = netlist
    this.#arithmetic = arithmetic
  }

  divide(a: Bits, b: Bits, signed: boolean): Division {
    const width = a.length
    if (width <= wordBits) {
      const operate = (operation: 'div' | 'mod') => this.#netlist.operate(operation, width, [a, b], signed)
      return { quotient: operate('div'), remainder: operate('mod') }
    }
    const x = this.#arithmetic
    const [signA, signB] = signed ? [a[width - 1]!, b[width - 1]!] : [ZERO, ZERO]
    const { quotient, remainder } = this.#unsigned(this.#negateIf(signA, a), this.#negateIf(signB, b))
    const differ = signed ? x.bitwise('xor', Int32Array.of(signA), Int32Array.of(signB))[0]! : ZERO
    const isValid = x.any(b)
    const valid = (bits: Bits) => x.mux(isValid, repeat(ZERO, width), bits)
    return {
      quotient: valid(this.#negateIf(differ, quotient)),
      remainder: valid(this.#negateIf(signA, remainder)),
    }
  }

  /** The same, rounded down: a remainder has the sign of the divisor. */
  divideDown(a: Bits, b: Bits, signed: boolean): Division {
    const division = this.divide(a, b, signed)
    if (!signed) return division
    const x = this.#arithmetic
    const { quotient, remainder } = division
    const sign = (bits: Bits) => Int32Array.of(bits[bits.length - 1]!)
    const differ = x.bitwise('xor', sign(remainder), sign(b))
    const down = x.bitwise('and', differ, Int32Array.of(x.any(remainder)))[0]!
    const one = resize(Int32Array.of(ONE), a.length, false)
    return {
      quotient: x.mux(down, quotient, x.subtract(quotient, one)),
      remainder: x.mux(down, remainder, x.add(remainder, b)),
    }
  }

  #negateIf(condition: number, bits: Bits): Bits {
    if (condition === ZERO) return bits
    return this.#arithmetic.mux(condition, bits, this.#arithmetic.subtract(repeat(ZERO, bits.length), bits))
  }

  #unsigned(a: Bits, b: Bits): Division {
    let length = b.length
    while (length > 1 && b[length - 1] === ZERO) length--
    return length <= limbBits ? this.#byLimbs(a, b.subarray(0, length)) : this.#byBits(a, b)
  }

  /** Schoolbook division by one limb. */
  #byLimbs(a: Bits, b: Bits): Division {
    const divisor = resize(b, 2 * limbBits, false)
    const limbs: Bits[] = []
    let rest = repeat(ZERO, limbBits)
    for (let low = Math.floor((a.length - 1) / limbBits) * limbBits; low >= 0; low -= limbBits) {
      const part = concat(resize(a.subarray(low, low + limbBits), limbBits, false), rest)
      limbs.unshift(this.#netlist.operate('div', 2 * limbBits, [part, divisor]).subarray(0, limbBits))
      rest = this.#netlist.operate('mod', 2 * limbBits, [part, divisor]).subarray(0, limbBits)
    }
    return {
      quotient: concat(...limbs).subarray(0, a.length),
      remainder: resize(rest, a.length, false),
    }
  }

  /** One bit of the quotient after the other, from the top: the rest grows no longer than the bits seen so far. */
  #byBits(a: Bits, b: Bits): Division {
    const x = this.#arithmetic
    const width = a.length
    const quotient = repeat(ZERO, width)
    let rest: Bits = new Int32Array(0)
    for (let i = width - 1; i >= 0; i--) {
      const shifted = concat(a.subarray(i, i + 1), rest)
      const size = Math.min(shifted.length, width + 1)
      const divisor = resize(b, size, false)
      const cut = size < width ? x.any(b.subarray(size)) : ZERO
      let fits = x.less(divisor, shifted, false, true)
      if (cut !== ZERO) fits = x.bitwise('and', Int32Array.of(fits), x.not(Int32Array.of(cut)))[0]!
      quotient[i] = fits
      const less = x.subtract(shifted, divisor)
      rest = x.mux(fits, shifted, less).subarray(0, Math.min(size, width))
    }
    return { quotient, remainder: rest }
  }
}

/**
 * A power with a variable exponent, by squaring. A negative exponent gives what is left of a fraction: 0, except for the
 * bases 1 and -1.
 */
export function power(base: Bits, exponent: Bits, signed: boolean, x: Arithmetic): Bits {
  const width = base.length
  const one = resize(Int32Array.of(ONE), width, false)
  const isNegative = signed ? exponent[exponent.length - 1]! : ZERO
  const magnitude = signed ? exponent.subarray(0, -1) : exponent
  let result = one
  let square = base
  // beyond this even powers are 0 and odd ones 1
  const useful = Math.min(magnitude.length, width)
  for (let i = 0; i < useful; i++) {
    result = x.mux(magnitude[i]!, result, x.multiply(result, square))
    square = x.multiply(square, square)
  }
  if (useful < magnitude.length) {
    const far = x.any(magnitude.subarray(useful))
    const isEven = x.not(base.subarray(0, 1))[0]!
    const vanishes = x.bitwise('and', Int32Array.of(far), Int32Array.of(isEven))[0]!
    result = x.mux(vanishes, result, repeat(ZERO, width))
  }
  if (isNegative === ZERO) return result
  const minusOne = repeat(ONE, width)
  const odd = x.mux(exponent[0]!, one, minusOne)
  const ofMinusOne = x.mux(x.equal(base, minusOne), repeat(ZERO, width), odd)
  return x.mux(isNegative, result, x.mux(x.equal(base, one), ofMinusOne, one))
}
