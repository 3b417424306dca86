/** Twin of hdl/trigger/log2.sv: the binary logarithm in Q6.8 by leading-one position and a table. */
export const log2FractionBits = 8
export const log2TableBits = 7

/** Entry i is 256 * log2(1 + (i + 1/2) / 128), rounded: the middle of the mantissa's interval. */
export const log2Table: Uint8Array = Uint8Array.from({ length: 1 << log2TableBits }, (_, i) =>
  Math.round(256 * Math.log2(1 + (i + 0.5) / 128)),
)

/** Bits needed for a non-negative integer below 2 ** 53; 0 for 0. */
export function bitLength(value: number): number {
  return value < 4294967296 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 4294967296))
}

/**
 * log2 of a non-negative integer below 2 ** 53 in 1/256, error below 0.0074; by convention 0 for 0.
 */
export function log2(value: number): number {
  if (value <= 0) return 0
  const exponent = bitLength(value) - 1
  const mantissa =
    exponent >= log2TableBits
      ? Math.floor(value / 2 ** (exponent - log2TableBits))
      : value << (log2TableBits - exponent)
  return (exponent << log2FractionBits) + log2Table[mantissa & 127]!
}
