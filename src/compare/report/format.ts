import type { Measured } from '../roc.ts'

/** What stands where nothing was measured. */
export const unmeasured = '–'

/** `93.0 %`; digits after the point grow near 100 %, so that 99.97 % does not read 100.0 %. */
export function percent(value: number | null, digits = 1): string {
  if (value === null) return unmeasured
  const rest = 1 - value
  const more = rest > 0 && rest < 0.5 * 10 ** -(digits + 2) ? 2 : 0
  return `${(100 * value).toFixed(digits + more)} %`
}

/** `93.0 ± 0.2 %`; without an error where there is no spread. */
export function percentWithError(measured: Measured | null): string {
  if (measured === null) return unmeasured
  if (measured.error === 0) return percent(measured.value)
  // As many digits as the error has something to say about, at most three.
  const digits = Math.min(3, Math.max(1, Math.ceil(-Math.log10(100 * measured.error))))
  return `${(100 * measured.value).toFixed(digits)} ± ${(100 * measured.error).toFixed(digits)} %`
}

export function withError(measured: Measured | null): string {
  return measured === null ? unmeasured : `${measured.value.toFixed(3)} ± ${measured.error.toFixed(3)}`
}

/** Three significant digits with a unit prefix: `28.8 M`. */
export function short(value: number | null): string {
  if (value === null) return unmeasured
  if (value === 0) return '0'
  const [scale, prefix] =
    value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : value >= 1e4 ? [1e3, ' k'] : [1, '']
  const scaled = value / scale
  return `${scaled >= 100 ? scaled.toFixed(0) : scaled.toPrecision(3)}${prefix}`
}

/** Milliseconds with three significant digits: `0.12`, `78.2`, `3129`. */
export function milliseconds(value: number | null): string {
  if (value === null) return unmeasured
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** `1 frame`, `2 frames`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
