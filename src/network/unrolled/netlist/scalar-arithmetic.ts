/** `floor(a / 2^shift)`, less 1 where a is a multiple of 2^shift and that quotient is odd. */
export function evenQuotient(a: number, shift: number): number {
  const quotient = a / 2 ** shift
  const floor = Math.floor(quotient)
  return floor === quotient && floor % 2 !== 0 ? floor - 1 : floor + 0
}

/** x rounded to `bits` significant bits, half to even. */
export function roundSignificant(x: number, bits: number): number {
  const magnitude = Math.abs(x)
  if (magnitude < 2 ** bits) return x
  let unit = 1
  while (magnitude / unit >= 2 ** bits) unit *= 2
  const quotient = magnitude / unit
  const floor = Math.floor(quotient)
  const rest = quotient - floor
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0)
  return Math.sign(x) * (up ? floor + 1 : floor) * unit
}
