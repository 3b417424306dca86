import type { SignalCoverage } from './coverage-data.ts'

/** The bits of a signal that have not both risen and fallen, as `[7:4,0]`; empty if there are none. */
export function missingBits({ width, rose, fell }: Pick<SignalCoverage, 'width' | 'rose' | 'fell'>): string {
  const missing = BigInt.asUintN(width, ~(rose & fell))
  if (missing === 0n) return ''
  const runs: string[] = []
  for (let high = width - 1; high >= 0; high--) {
    if (((missing >> BigInt(high)) & 1n) === 0n) continue
    let low = high
    while (low > 0 && ((missing >> BigInt(low - 1)) & 1n) === 1n) low--
    runs.push(high === low ? `${high}` : `${high}:${low}`)
    high = low
  }
  return `[${runs.join(',')}]`
}
