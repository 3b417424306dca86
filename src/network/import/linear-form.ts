import type { Chain } from './chain.ts'
import { asInteger, exactly, multiplyIntervals, type RationalInterval } from './rational.ts'

/**
 * A chain that is `(q + offset) * sign * 2^exponent * product(mantissas)` in exact arithmetic. Mantissas lie
 * strictly between 1 and 2, ascending: two forms with the same mantissas differ by a power of two only, and
 * one without any scales by a power of two.
 */
export interface LinearForm {
  readonly offset: number
  readonly sign: 1 | -1
  readonly exponent: number
  readonly mantissas: readonly number[]
}

export const unitForm: LinearForm = { offset: 0, sign: 1, exponent: 0, mantissas: [] }

/** The linear form of a chain, or undefined when it has none with an integer offset. */
export function linearForm(chain: Chain): LinearForm | undefined {
  let form = unitForm
  for (const step of chain) {
    const next = appendLinear(form, step)
    if (next === undefined) return undefined
    form = next
  }
  return form
}

function appendLinear(form: LinearForm, step: Chain[number]): LinearForm | undefined {
  switch (step.kind) {
    case 'offset':
      return withAddend(form, step.value)
    case 'add':
      return withAddend(form, step.value)
    case 'multiply':
      return step.value === 0 ? undefined : withFactor(form, step.value)
    case 'divide': {
      const { mantissa, exponent } = splitFactor(Math.abs(step.value))
      if (mantissa === 1) return withFactor(form, Math.sign(step.value) * 2 ** -exponent)
      return withoutMantissa(form, mantissa, exponent, Math.sign(step.value))
    }
    case 'accumulator':
      return withFactor(withFactor(form, step.inputScale), step.weightScale)
    default:
      return undefined
  }
}

/** Division by a factor that the form contains. */
function withoutMantissa(
  form: LinearForm,
  mantissa: number,
  exponent: number,
  sign: number,
): LinearForm | undefined {
  const at = form.mantissas.indexOf(mantissa)
  if (at < 0) return undefined
  return {
    offset: form.offset,
    sign: (form.sign * sign) as 1 | -1,
    exponent: form.exponent - exponent,
    mantissas: form.mantissas.filter((_, k) => k !== at),
  }
}

function withAddend(form: LinearForm, addend: number): LinearForm | undefined {
  const shift = onGrid(form, addend)
  return shift === undefined ? undefined : { ...form, offset: form.offset + shift }
}

/** How many steps of the form's grid a real number is, if it lies on the grid. */
export function onGrid(form: LinearForm, x: number): number | undefined {
  if (x === 0) return 0
  const { lo: numerator, den } = scaleOf(form)
  const wanted = exactly(x)
  return asInteger(
    numerator < 0n
      ? { lo: -wanted.lo * den, hi: -wanted.lo * den, den: -numerator * wanted.den }
      : { lo: wanted.lo * den, hi: wanted.lo * den, den: numerator * wanted.den },
  )
}

/** The real number that one step of the integer is worth, exactly. */
export function scaleOf(form: LinearForm): RationalInterval {
  let scale = powerOfTwo(form.exponent)
  for (const mantissa of form.mantissas) scale = multiplyIntervals(scale, exactly(mantissa))
  return form.sign < 0 ? { lo: -scale.lo, hi: -scale.hi, den: scale.den } : scale
}

function powerOfTwo(exponent: number): RationalInterval {
  const power = 1n << BigInt(Math.abs(exponent))
  return exponent < 0 ? { lo: 1n, hi: 1n, den: power } : { lo: power, hi: power, den: 1n }
}

/** The same as a double, for reports and ports. */
export function scaleNumber(form: LinearForm): number {
  return form.mantissas.reduce((product, m) => product * m, form.sign * 2 ** form.exponent)
}

/** The form times a factor. */
export function withFactor(form: LinearForm, factor: number): LinearForm {
  const { mantissa, exponent } = splitFactor(Math.abs(factor))
  return {
    offset: form.offset,
    sign: (form.sign * Math.sign(factor)) as 1 | -1,
    exponent: form.exponent + exponent,
    mantissas: mantissa === 1 ? form.mantissas : [...form.mantissas, mantissa].sort((a, b) => a - b),
  }
}

/** `x = mantissa * 2^exponent` with `1 <= mantissa < 2`, for x above 0. */
export function splitFactor(x: number): { readonly mantissa: number; readonly exponent: number } {
  let exponent = Math.floor(Math.log2(x))
  let mantissa = x / 2 ** exponent
  // The logarithm of a double next to a power of two can round to the wrong side.
  if (mantissa >= 2) {
    mantissa /= 2
    exponent++
  } else if (mantissa < 1) {
    mantissa *= 2
    exponent--
  }
  return { mantissa, exponent }
}

/** Whether two forms differ by a power of two, a sign and an offset only. */
export function sameMantissas(a: LinearForm, b: LinearForm): boolean {
  return a.mantissas.length === b.mantissas.length && a.mantissas.every((m, k) => m === b.mantissas[k])
}

/** The steps of a linear form, exact in the arithmetic of the oracle 'qonnx'. */
export function chainOf(form: LinearForm): Chain {
  const steps: Chain[number][] = []
  if (form.offset !== 0) steps.push({ kind: 'offset', value: form.offset })
  const [first = 1, ...others] = form.mantissas
  steps.push({ kind: 'multiply', value: form.sign * first * 2 ** form.exponent })
  for (const value of others) steps.push({ kind: 'multiply', value })
  return steps
}
