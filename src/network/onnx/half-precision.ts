/** The value of the IEEE 754 binary16 with these 16 bits. */
export function float16FromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The nearest binary16, ties to even; beyond 65504 an infinity. */
export function roundToFloat16(x: number): number {
  return roundToSignificand(x, 11, -14, 15)
}

/** The 16 bits of the nearest binary16. */
export function float16Bits(x: number): number {
  const value = roundToFloat16(x)
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00
  if (size < 2 ** -14) return sign | (size * 2 ** 24)
  const exponent = exponentOf(size)
  return sign | ((exponent + 15) << 10) | (size * 2 ** (10 - exponent) - 1024)
}

const word = new DataView(new ArrayBuffer(4))

/** The value of the bfloat16 with these 16 bits: the upper half of a float32. */
export function bfloat16FromBits(bits: number): number {
  word.setUint32(0, (bits & 0xffff) * 0x10000)
  return word.getFloat32(0)
}

/** The nearest bfloat16, ties to even. */
export function roundToBfloat16(x: number): number {
  return roundToSignificand(x, 8, -126, 127)
}

/** The 16 bits of the nearest bfloat16. */
export function bfloat16Bits(x: number): number {
  word.setFloat32(0, roundToBfloat16(x))
  return word.getUint32(0) >>> 16
}

function roundToSignificand(x: number, bits: number, smallest: number, largest: number): number {
  if (x === 0 || !Number.isFinite(x)) return x
  const exponent = Math.max(exponentOf(Math.abs(x)), smallest)
  const unit = 2 ** (exponent - bits + 1)
  const scaled = x / unit
  const floor = Math.floor(scaled)
  const rest = scaled - floor
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0)
  const rounded = (up ? floor + 1 : floor) * unit
  if (Math.abs(rounded) >= 2 ** (largest + 1)) return Math.sign(x) * Number.POSITIVE_INFINITY
  return rounded === 0 && x < 0 ? -0 : rounded
}

/** floor(log2(x)) of a finite x > 0, exactly. */
function exponentOf(x: number): number {
  let exponent = Math.floor(Math.log2(x))
  if (2 ** exponent > x) exponent--
  else if (2 ** (exponent + 1) <= x) exponent++
  return exponent
}
