import type { Expression } from './expression.ts'

/**
 * A word under computation. Bits above `width` may be anything unless `bits`, the length that the unsigned
 * value surely fits in, says otherwise; `signed` says that they are copies of the top bit.
 */
export interface Value {
  readonly e: Expression
  readonly width: number
  readonly bits: number
  readonly signed: boolean
}
