import { type Bits, concat, ONE, repeat, resize, ZERO } from './bits.ts'
import type { Netlist, Operation } from './netlist.ts'

/** Widest word the generated code computes on. */
export const wordBits = 64

/** Wider signals are cut into pieces of this size. */
const limbBits = 32

/** Operations of any width, built from words. Operands are already extended to one width. */
export class Arithmetic {
  readonly #netlist: Netlist

  readonly #bitByBit: ReadonlySet<string>

  /** @param bitByBit names of cells whose bits are computed one by one, where that is possible */
  constructor(netlist: Netlist, bitByBit: ReadonlySet<string>) {
    this.#netlist = netlist
    this.#bitByBit = bitByBit
  }

  not(a: Bits): Bits {
    return this.#pieces([a], ([x]) => this.#netlist.operate('not', x!.length, [x!]))
  }

  bitwise(operation: 'and' | 'or' | 'xor', a: Bits, b: Bits): Bits {
    return this.#pieces([a, b], (parts) => this.#netlist.operate(operation, parts[0]!.length, parts))
  }

  /** `one` where the select bit is 1, else `zero`. */
  mux(select: number, zero: Bits, one: Bits): Bits {
    const control = Int32Array.of(select)
    return this.#pieces([zero, one], ([a, b]) => this.#netlist.operate('mux', a!.length, [a!, b!, control]))
  }

  add(a: Bits, b: Bits): Bits {
    if (a.length <= wordBits) return this.#netlist.operate('add', a.length, [a, b])
    return this.#carry(a, b, ZERO)
  }

  subtract(a: Bits, b: Bits): Bits {
    if (a.length <= wordBits) return this.#netlist.operate('sub', a.length, [a, b])
    return this.#carry(a, this.not(b), ONE)
  }

  multiply(a: Bits, b: Bits): Bits {
    const width = a.length
    if (width <= wordBits) return this.#netlist.operate('mul', width, [a, b])
    const [left, right] = [limbs(a), limbs(b)]
    // column sums of 32-bit halves stay far below 64 bits
    const columns: Bits[][] = left.map(() => [])
    for (let i = 0; i < left.length; i++) {
      for (let j = 0; i + j < left.length; j++) {
        const factors = [resize(left[i]!, 64, false), resize(right[j]!, 64, false)]
        const product = this.#netlist.operate('mul', 64, factors)
        columns[i + j]!.push(product.subarray(0, limbBits))
        columns[i + j + 1]?.push(product.subarray(limbBits))
      }
    }
    const result: Bits[] = []
    let carry = repeat(ZERO, 64)
    for (const column of columns) {
      const sum = column.reduce((total, part) => this.add(total, resize(part, 64, false)), carry)
      result.push(sum.subarray(0, limbBits))
      carry = resize(sum.subarray(limbBits), 64, false)
    }
    return concat(...result).subarray(0, width)
  }

  equal(a: Bits, b: Bits): number {
    const parts = this.#words(a, b).map(([x, y]) => this.#netlist.operate('eq', 1, [x, y])[0]!)
    return this.all(Int32Array.from(parts))
  }

  less(a: Bits, b: Bits, signed: boolean, orEqual: boolean): number {
    const words = this.#words(a, b)
    let result: number | undefined
    for (const [i, [x, y]] of words.entries()) {
      const top = i === words.length - 1
      const operation = orEqual && i === 0 ? 'le' : 'lt'
      const below = this.#netlist.operate(operation, 1, [x, y], signed && top)
      if (result !== undefined) {
        const same = this.#netlist.operate('eq', 1, [x, y])
        const tie = this.bitwise('and', same, Int32Array.of(result))
        result = this.bitwise('or', below, tie)[0]!
      } else result = below[0]!
    }
    return result ?? (orEqual ? ONE : ZERO)
  }

  any(a: Bits): number {
    return this.#reduce('any', a)
  }

  all(a: Bits): number {
    return this.#reduce('all', a)
  }

  parity(a: Bits): number {
    return this.#reduce('parity', a)
  }

  shiftLeft(a: Bits, amount: Bits): Bits {
    const width = a.length
    const known = this.#constant(amount)
    if (known !== undefined)
      return concat(repeat(ZERO, Math.min(known, width)), a.subarray(0, Math.max(0, width - known)))
    const [low, over] = this.#amount(amount, width)
    let result = a
    if (width <= wordBits) result = this.#netlist.operate('shl', width, [a, low])
    else {
      for (const [k, bit] of low.entries()) {
        const by = Math.min(2 ** k, width)
        result = this.mux(bit, result, concat(repeat(ZERO, by), result.subarray(0, width - by)))
      }
    }
    return over === ZERO ? result : this.mux(over, result, repeat(ZERO, width))
  }

  /** The lowest `keep` bits of `a >> amount`; vacated bits are `fill`. */
  shiftRight(a: Bits, amount: Bits, keep: number, fill: number): Bits {
    const take = (bits: Bits, from: number, count: number) =>
      Int32Array.from({ length: count }, (_, i) => (from + i < bits.length ? bits[from + i]! : fill))
    const known = this.#constant(amount)
    if (known !== undefined) return take(a, known, keep)
    const [low, over] = this.#amount(amount, a.length)
    let result = a
    let stage = low.length
    while (result.length > wordBits && stage > 0) {
      stage--
      // what the remaining stages can still reach
      const reach = Math.min(result.length, keep + 2 ** stage - 1)
      result = this.mux(low[stage]!, take(result, 0, reach), take(result, 2 ** stage, reach))
    }
    if (stage > 0) {
      const operation: Operation = fill === ZERO ? 'shr' : 'sar'
      result = this.#netlist.operate(operation, result.length, [result, low.subarray(0, stage)])
    }
    result = take(result, 0, keep)
    return over === ZERO ? result : this.mux(over, result, repeat(fill, keep))
  }

  /** Splits a shift amount into the useful low bits and a bit that says that all is shifted out. */
  #amount(amount: Bits, width: number): [Bits, number] {
    const useful = Math.ceil(Math.log2(width + 1))
    if (amount.length <= useful) return [amount, ZERO]
    return [amount.subarray(0, useful), this.any(amount.subarray(useful))]
  }

  #constant(bits: Bits): number | undefined {
    let value = 0
    for (let i = 0; i < bits.length; i++) {
      const bit = this.#netlist.constant(bits[i]!)
      // an undriven net may still get its driver, so only true constants count
      if (bit === undefined || this.#netlist.root(bits[i]!) >= 0) return undefined
      if (bit) value += 2 ** i
    }
    return value
  }

  #carry(a: Bits, b: Bits, carryIn: number): Bits {
    const left = limbs(a)
    const right = limbs(b)
    let carry = carryIn
    const result = left.map((x, i) => {
      const width = x.length + 1
      const sum = this.add(resize(x, width, false), resize(right[i]!, width, false))
      const total = this.add(sum, resize(Int32Array.of(carry), width, false))
      carry = total[x.length]!
      return total.subarray(0, x.length)
    })
    return concat(...result)
  }

  #reduce(operation: 'any' | 'all' | 'parity', a: Bits): number {
    if (a.length === 0) return operation === 'all' ? ONE : ZERO
    if (a.length === 1) return a[0]!
    if (a.length <= wordBits) return this.#netlist.operate(operation, 1, [a])[0]!
    const parts: number[] = []
    for (let i = 0; i < a.length; i += wordBits)
      parts.push(this.#reduce(operation, a.subarray(i, i + wordBits)))
    return this.#reduce(operation, Int32Array.from(parts))
  }

  #words(a: Bits, b: Bits): [Bits, Bits][] {
    const words: [Bits, Bits][] = []
    for (let i = 0; i < a.length; i += wordBits)
      words.push([a.subarray(i, i + wordBits), b.subarray(i, i + wordBits)])
    return words
  }

  #pieces(operands: Bits[], make: (parts: Bits[]) => Bits): Bits {
    const width = operands[0]!.length
    const split = this.#bitByBit.has(this.#netlist.place?.name ?? '')
    if (width <= wordBits && !split) return make(operands)
    const step = split ? 1 : limbBits
    const results: Bits[] = []
    for (let i = 0; i < width; i += step)
      results.push(make(operands.map((bits) => bits.subarray(i, i + step))))
    return concat(...results)
  }
}

function limbs(bits: Bits): Bits[] {
  const parts: Bits[] = []
  for (let i = 0; i < bits.length; i += limbBits) parts.push(bits.subarray(i, i + limbBits))
  return parts
}
