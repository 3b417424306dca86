/** Where the arguments of a text are, and what else it may ask for. */
export interface FormatSource {
  readonly words: Int32Array
  /** Byte address of the arguments, lowest bit first. */
  readonly address: number
  readonly time: bigint
  /** Instances around the statement, joined with dots. */
  readonly scope: string
}

/** Stands in a text for the path of the instance (`%m`). */
export const scopeMark = '\u0002m'

const place = /\{\{|\}\}|\{(\d+):([<>=])(.)?(\d+)?([bodhHctrU])([-+ ])?([#_]*)([us])?\}/gs

/**
 * Fills the arguments into a text as Yosys writes it: `{bits:alignment padding width base sign options signed}`, as in
 * `{8:> 3d-u}`; the first argument takes the lowest bits.
 */
export function formatText(format: string, source: FormatSource): string {
  let at = 0
  const take = (bits: number): bigint => {
    let value = 0n
    for (let i = 0; i < bits; i++) {
      const word = source.words[source.address / 4 + ((at + i) >> 5)]! >>> ((at + i) & 31)
      if (word & 1) value |= 1n << BigInt(i)
    }
    at += bits
    return value
  }
  return format
    .replace(
      place,
      (all, bits: string | undefined, align, pad, width, base: string, sign, _options, kind) => {
        if (bits === undefined) return all[0]!
        if (base === 't' || base === 'r') return padded(`${source.time}`, align, pad, width)
        const count = Number(bits)
        const value = take(count)
        if (base === 'c') return padded(textOf(value, count), align, pad, width)
        if (base === 'U') return String.fromCodePoint(Number(value & 0x1fffffn))
        return padded(numberText(value, count, base, sign, kind === 's'), align, pad, width)
      },
    )
    .replaceAll(scopeMark, source.scope)
}

function padded(text: string, align: string, pad = ' ', width = '0'): string {
  const size = Number(width)
  if (align === '<') return text.padEnd(size, ' ')
  if (align === '>' || pad !== '0') return text.padStart(size, pad)
  // zeros go between the sign and the digits
  const sign = /^[-+]?/.exec(text)![0]
  return sign + text.slice(sign.length).padStart(size - sign.length, '0')
}

const radix: Readonly<Record<string, number>> = { b: 2, o: 8, d: 10, h: 16, H: 16 }

function numberText(value: bigint, bits: number, base: string, sign: string, signed: boolean): string {
  const number = signed ? BigInt.asIntN(bits, value) : value
  const magnitude = number < 0n ? -number : number
  const digits = magnitude.toString(radix[base])
  const front = number < 0n ? '-' : sign === '+' ? '+' : sign === ' ' ? ' ' : ''
  return front + (base === 'H' ? digits.toUpperCase() : digits)
}

/** Characters of a Verilog string; leading zero bytes are no characters. */
function textOf(value: bigint, bits: number): string {
  const bytes = Buffer.alloc(Math.ceil(bits / 8))
  for (let i = 0; i < bytes.length; i++)
    bytes[bytes.length - 1 - i] = Number((value >> BigInt(8 * i)) & 0xffn)
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0) >>> 0).toString('utf8')
}
