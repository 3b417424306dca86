/** The value of a port or register. */
export type Value = number | bigint

/** What vitest gives to a matcher, as far as it is used here. */
export interface MatcherState {
  readonly isNot: boolean
  readonly utils: {
    readonly EXPECTED_COLOR: (text: string) => string
    readonly RECEIVED_COLOR: (text: string) => string
  }
}

export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** In hex and decimal, where they differ. */
export function number(value: bigint): string {
  return value > -10n && value < 10n ? `${value}` : `${hex(value)} (${value})`
}

export function hex(value: bigint): string {
  const size = value < 0n ? -value : value
  return `${value < 0n ? '-' : ''}${size < 10n ? '' : '0x'}${size.toString(16)}`
}
