/** One run of one engine, from wherever the run before it ended. */
export interface TimedRun {
  readonly cycles: number
  readonly seconds: number
  /** The signature at its end. */
  readonly signature: number
}

/** Clocks per second of the fastest run: what disturbs a run only makes it longer. */
export function fastest(runs: readonly TimedRun[]): number {
  return runs.reduce((best, { cycles, seconds }) => Math.max(best, cycles / seconds), 0)
}

/** True if both engines went through the same signatures. */
export function agree(a: readonly TimedRun[], b: readonly TimedRun[]): boolean {
  return (
    a.length === b.length &&
    a.every((run, i) => run.cycles === b[i]!.cycles && run.signature === b[i]!.signature)
  )
}

/** The geometric mean; null of nothing. */
export function geometricMean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
