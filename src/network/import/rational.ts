/**
 * A closed interval of rational numbers, `lo / den` to `hi / den` with `den > 0`. Exact numbers have
 * `lo === hi`; only square roots and transcendental functions make wider ones.
 */
export interface RationalInterval {
  readonly lo: bigint
  readonly hi: bigint
  readonly den: bigint
}

const parts = new DataView(new ArrayBuffer(8))

/** A finite double as the fraction that it is. */
export function exactly(x: number): RationalInterval {
  parts.setFloat64(0, x)
  const high = parts.getUint32(0)
  const biased = (high >>> 20) & 0x7ff
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(parts.getUint32(4))
  const magnitude = biased === 0 ? fraction : fraction | (1n << 52n)
  const signed = x < 0 ? -magnitude : magnitude
  const exponent = Math.max(biased, 1) - 1075
  if (exponent >= 0) return point(signed << BigInt(exponent), 1n)
  let shift = -exponent
  let odd = signed
  while (shift > 0 && (odd & 1n) === 0n && odd !== 0n) {
    odd >>= 1n
    shift--
  }
  return odd === 0n ? point(0n, 1n) : point(odd, 1n << BigInt(shift))
}

function point(numerator: bigint, den: bigint): RationalInterval {
  return { lo: numerator, hi: numerator, den }
}

export function addIntervals(a: RationalInterval, b: RationalInterval): RationalInterval {
  return { lo: a.lo * b.den + b.lo * a.den, hi: a.hi * b.den + b.hi * a.den, den: a.den * b.den }
}

export function negateInterval(a: RationalInterval): RationalInterval {
  return { lo: -a.hi, hi: -a.lo, den: a.den }
}

export function multiplyIntervals(a: RationalInterval, b: RationalInterval): RationalInterval {
  const products = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]
  let lo = products[0]!
  let hi = lo
  for (const product of products) {
    if (product < lo) lo = product
    if (product > hi) hi = product
  }
  return { lo, hi, den: a.den * b.den }
}

/** `1 / a` for an interval above or below 0. */
export function invertInterval(a: RationalInterval): RationalInterval {
  if (a.lo <= 0n && a.hi >= 0n) throw new RangeError('division by an interval that holds 0')
  if (a.hi < 0n) return negateInterval(invertInterval(negateInterval(a)))
  return a.lo === a.hi ? point(a.den, a.lo) : { lo: a.den * a.lo, hi: a.den * a.hi, den: a.lo * a.hi }
}

/** The square root of an exact number of at least 0: exact when it is rational, else 200 bits wide. */
export function rootOf(a: RationalInterval): RationalInterval {
  const extra = 200n
  const square = (a.lo * a.den) << (2n * extra)
  const root = integerRoot(square)
  const den = a.den << extra
  return root * root === square ? point(root, den) : { lo: root, hi: root + 1n, den }
}

/** The floor of the square root, by Newton's method from above. */
function integerRoot(n: bigint): bigint {
  if (n < 2n) return n
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

/** The sign of `a - b` for an exact `b`, or undefined when the interval leaves it open. */
export function compareIntervals(a: RationalInterval, b: RationalInterval): -1 | 0 | 1 | undefined {
  const low = a.lo * b.den - b.hi * a.den
  const high = a.hi * b.den - b.lo * a.den
  if (low > 0n) return 1
  if (high < 0n) return -1
  return low === 0n && high === 0n ? 0 : undefined
}

/** The integer that an exact number is, if it is one below 2^53. */
export function asInteger(a: RationalInterval): number | undefined {
  if (a.lo !== a.hi || a.lo % a.den !== 0n) return undefined
  const integer = Number(a.lo / a.den)
  return Number.isSafeInteger(integer) ? integer : undefined
}
