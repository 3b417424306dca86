/**
 * Signals at bit level: an array of bits, least significant first. A bit is a net number (>= 0) or one of
 * the constants below.
 */
export type Bits = Int32Array

export const ZERO = -1
export const ONE = -2
export const UNKNOWN = -3
export const FLOATING = -4

/** The bits of an RTLIL constant: `8'0101xxzz`, a decimal integer, or a string. */
export function constantBits(token: string): Bits {
  if (token[0] === '"') return stringBits(token.slice(1, -1))
  const quote = token.indexOf("'")
  if (quote < 0) {
    const value = Number.parseInt(token, 10)
    return Int32Array.from({ length: 32 }, (_, i) => ((value >> i) & 1 ? ONE : ZERO))
  }
  const width = Number(token.slice(0, quote))
  const start = token[quote + 1] === 's' ? quote + 2 : quote + 1
  const length = token.length - start
  // Yosys writes an all-undefined constant as one letter
  if (length === 1 && width > 1 && /[xz-]/.test(token[start]!))
    return new Int32Array(width).fill(bitOf(token[start]))
  const bits = new Int32Array(width).fill(ZERO)
  for (let i = 0; i < Math.min(width, length); i++) bits[i] = bitOf(token[token.length - 1 - i])
  return bits
}

function bitOf(digit: string | undefined): number {
  if (digit === '1') return ONE
  if (digit === 'x' || digit === '-') return UNKNOWN
  return digit === 'z' ? FLOATING : ZERO
}

function stringBits(text: string): Bits {
  const plain = text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code)
      ? String.fromCharCode(Number.parseInt(code, 8))
      : code === 'n'
        ? '\n'
        : code === 't'
          ? '\t'
          : code,
  )
  const bits = new Int32Array(plain.length * 8)
  for (let i = 0; i < bits.length; i++)
    bits[i] = (plain.charCodeAt(plain.length - 1 - (i >> 3)) >> (i & 7)) & 1 ? ONE : ZERO
  return bits
}

export function concat(...parts: readonly Bits[]): Bits {
  const bits = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bits.set(part, offset)
    offset += part.length
  }
  return bits
}

export function repeat(bit: number, count: number): Bits {
  return new Int32Array(count).fill(bit)
}

/** Truncates, or extends with the sign bit or with zeros. */
export function resize(bits: Bits, width: number, signed: boolean): Bits {
  if (bits.length === width) return bits
  if (bits.length > width) return bits.subarray(0, width)
  const fill = signed && bits.length > 0 ? bits[bits.length - 1]! : ZERO
  const wide = new Int32Array(width).fill(fill)
  wide.set(bits)
  return wide
}

/** An unsigned number as constant bits. */
export function numberBits(value: bigint, width: number): Bits {
  return Int32Array.from({ length: width }, (_, i) => ((value >> BigInt(i)) & 1n ? ONE : ZERO))
}
