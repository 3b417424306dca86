import type { Range } from '../graph/integer-graph.ts'
import { magnitude } from './bounds.ts'
import type { Chain } from './chain.ts'
import { linearForm } from './linear-form.ts'

/** float32 holds integers below this exactly, and so any sum of them in any order that stays below it. */
export const exactLimit: number = 2 ** 24

/** Scales beyond 2^+-60 could make a product of two of them leave float32's normal range. */
const exponentLimit = 60

/**
 * Why float32 does not evaluate a chain exactly for every integer of a range, or undefined when it does: then
 * after each step the number is an integer below 2^24 times a power of two.
 */
export function floatInexactness(chain: Chain, range: Range): string | undefined {
  for (let length = 0; length <= chain.length; length++) {
    const form = linearForm(chain.slice(0, length))
    const kind = chain[length - 1]?.kind ?? 'offset'
    if (form === undefined || kind === 'accumulator') return `it passes through '${kind}'`
    if (form.mantissas.length > 0) return 'its scale is not a power of two'
    if (Math.abs(form.exponent) > exponentLimit) return `its scale is 2^${form.exponent}`
    const largest = magnitude(range, form.offset)
    if (kind !== 'offset' && largest >= exactLimit) return `it can reach ${largest} steps, beyond 2^24`
  }
  return undefined
}
