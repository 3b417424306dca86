import type { Range } from './tokens.ts'

/** What one wire of the instrumented design tells: bit i of it is one of these. */
export interface HitGroup {
  readonly kind: 'hits'
  /** Per bit, the arms and blocks that run while it is 1, by index in `CoveragePlan.regions`. */
  readonly regions: readonly (readonly number[])[]
}

/** A register or port whose bits shall rise and fall. */
export interface SignalGroup {
  readonly kind: 'signal'
  readonly signal: SignalPlace
}

export interface SignalPlace {
  readonly file: string
  readonly name: string
  readonly range: Range
  readonly width: number
}

/** A piece of code that runs as a whole. */
export interface Region {
  readonly file: string
  readonly range: Range
}

export interface BranchPlan {
  readonly file: string
  readonly kind: 'if' | 'case' | 'conditional'
  readonly range: Range
  /** Per arm its place, or null where it is not written, and its region, or -1 where it cannot be reached. */
  readonly arms: readonly { readonly range: Range | null; readonly region: number }[]
}

export interface StatementPlan extends Region {
  /** The region it runs with. */
  readonly region: number
}

/** What is covered, and by which wires of the instrumented design: `$coverage.N.hit`, `.signal` and `.clock`. */
export interface CoveragePlan {
  readonly regions: readonly Region[]
  readonly branches: readonly BranchPlan[]
  readonly statements: readonly StatementPlan[]
  readonly groups: readonly (HitGroup | SignalGroup)[]
}
