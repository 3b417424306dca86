import type { SignalFormat } from '../netlist/range-bits.ts'

/** A signal that an expression reads: a declared name, or a constant. */
export interface Signal extends SignalFormat {
  readonly name: string
  readonly constant?: number
}

/** Marks bits of a signal as read. */
export type Reader = (name: string, bits: number, from: number, to: number) => void

/** A two's complement literal of exactly `width` bits. */
export function literal(value: number, width: number): string {
  return `${width}'h${BigInt.asUintN(width, BigInt(value)).toString(16)}`
}

/** A signed literal for comparisons. */
export function signedLiteral(value: number, width: number): string {
  return `${width}'sh${BigInt.asUintN(width, BigInt(value)).toString(16)}`
}

/**
 * Expressions over exact bits: each has exactly the width asked for, so that no tool extends or truncates on its
 * own. Everything read is reported, so that what is never read can be named as such.
 */
export class BitExpressions {
  readonly #read: Reader

  constructor(read: Reader) {
    this.#read = read
  }

  /** `width` bits of `floor(value / 2^low)`, for a signal that may start above or below `low`. */
  aligned(signal: Signal, low: number, width: number): string {
    if (signal.constant !== undefined) return literal(Math.floor(signal.constant / 2 ** low), width)
    const zeros = signal.low - low
    if (zeros <= 0) return this.slice(signal, -zeros, width)
    if (zeros >= width) return `${width}'d0`
    return `{${this.slice(signal, 0, width - zeros)}, ${zeros}'d0}`
  }

  /** Bits `from ... from + width - 1` of the stored bits, extended beyond their end. */
  slice({ name, bits, signed }: Signal, from: number, width: number): string {
    if (from >= bits) {
      if (!signed) return `${width}'d0`
      this.#read(name, bits, bits - 1, bits)
      return `{${width}{${name}[${bits - 1}]}}`
    }
    const to = Math.min(bits, from + width)
    this.#read(name, bits, from, to)
    const part = from === 0 && to === bits ? name : `${name}[${range(to - 1, from)}]`
    if (to - from === width) return part
    if (!signed) return `${width}'(${part})`
    return part === name ? `${width}'(${name})` : `${width}'($signed(${part}))`
  }

  /** The highest bit: the sign of a signed signal. */
  top({ name, bits }: Signal): string {
    this.#read(name, bits, bits - 1, bits)
    return `${name}[${bits - 1}]`
  }

  /** Whether any (`|`) or every (`&`) bit of a part is 1. */
  reduced({ name, bits }: Signal, operator: '|' | '&', from: number, to: number): string {
    this.#read(name, bits, from, to)
    return `${operator}${from === 0 && to === bits ? name : `${name}[${range(to - 1, from)}]`}`
  }

  /** `value < limit` for a limit inside the signal's range. */
  below(signal: Signal, limit: number): string {
    const { bits, signed, name } = signal
    const raw = Math.ceil(limit / 2 ** signal.low)
    if (signed && raw === 0) return this.top(signal)
    const power = Math.log2(Math.abs(raw))
    if (Number.isInteger(power) && power < bits - Number(signed)) {
      const end = bits - Number(signed)
      if (raw > 0) {
        const high = `~(${this.reduced(signal, '|', power, end)})`
        return signed ? `(${this.top(signal)} | ${high})` : high
      }
      return `(${this.top(signal)} & ~(${this.reduced(signal, '&', power, end)}))`
    }
    this.#read(name, bits, 0, bits)
    return `(${name} < ${signed ? signedLiteral(raw, bits) : literal(raw, bits)})`
  }
}

function range(high: number, low: number): string {
  return high === low ? `${high}` : `${high}:${low}`
}
