import type { Port, Probe } from '../compiler/layout.ts'
import type { BranchPlan, CoveragePlan } from './points.ts'
import { positionKey, type Range } from './tokens.ts'

/** What a compiled design knows about its coverage; plain data, so that it can be cached. */
export interface CoverageLayout {
  readonly plan: CoveragePlan
  /**
   * Where the counts of each group of each instance are: a counter per bit, or what rose and what fell. A design without a
   * clock has an output to look at instead.
   */
  readonly groups: readonly {
    readonly group: number
    readonly probes: readonly Probe[]
    readonly output: Pick<Port, 'word' | 'width'> | undefined
  }[]
}

/** What one group of one instance counted: per bit, or which bits rose and which fell. */
export interface GroupValues {
  readonly group: number
  readonly values: readonly bigint[]
}

export interface BranchCoverage {
  readonly kind: BranchPlan['kind']
  readonly range: Range
  /** Per arm, where it is and the clock cycles in which it was taken; null for an `else` or `default` that is not written. */
  readonly arms: { readonly range: Range | null; count: number }[]
}

export interface StatementCoverage {
  readonly range: Range
  /** Clock cycles in which it ran. */
  count: number
}

/** Which bits of a register or port rose and which fell. */
export interface SignalCoverage {
  readonly name: string
  readonly range: Range
  width: number
  rose: bigint
  fell: bigint
}

/** The coverage of one source file, by place. */
export interface FileCoverage {
  readonly branches: Map<string, BranchCoverage>
  readonly statements: Map<string, StatementCoverage>
  readonly signals: Map<string, SignalCoverage>
}

const key = ({ start, end }: Range): string => `${positionKey(start)}-${positionKey(end)}`

/** Coverage by source file. Runs of different designs and instances add up. */
export class Coverage {
  readonly files = new Map<string, FileCoverage>()

  /** Adds what one instance of a design counted. */
  add(plan: CoveragePlan, groups: readonly GroupValues[]): void {
    const counts = new Float64Array(plan.regions.length)
    const signals = new Map<number, { rose: bigint; fell: bigint }>()
    for (const { group, values } of groups) {
      const target = plan.groups[group]!
      if (target.kind === 'hits')
        target.regions.forEach((regions, bit) => {
          for (const region of regions) counts[region]! += Number(values[bit])
        })
      else {
        const old = signals.get(group) ?? { rose: 0n, fell: 0n }
        signals.set(group, { rose: old.rose | values[0]!, fell: old.fell | values[1]! })
      }
    }
    for (const { file, kind, range, arms } of plan.branches)
      this.#branch(file, {
        kind,
        range,
        arms: arms.map((arm) => ({ range: arm.range, count: arm.region < 0 ? 0 : counts[arm.region]! })),
      })
    for (const { file, range, region } of plan.statements)
      this.#statement(file, { range, count: counts[region]! })
    for (const [group, { rose, fell }] of signals) {
      const target = plan.groups[group]!
      if (target.kind !== 'signal') continue
      const { file, name, range, width } = target.signal
      this.#signal(file, { name, range, width, rose, fell })
    }
  }

  merge(other: Coverage): void {
    for (const [path, { branches, statements, signals }] of other.files) {
      for (const branch of branches.values()) this.#branch(path, branch)
      for (const statement of statements.values()) this.#statement(path, statement)
      for (const signal of signals.values()) this.#signal(path, signal)
    }
  }

  /** Plain data, for another process. */
  toJSON(): unknown {
    return [...this.files].map(([path, { branches, statements, signals }]) => ({
      path,
      branches: [...branches.values()],
      statements: [...statements.values()],
      signals: [...signals.values()].map((signal) => ({
        ...signal,
        rose: `${signal.rose}`,
        fell: `${signal.fell}`,
      })),
    }))
  }

  static fromJSON(data: unknown): Coverage {
    const coverage = new Coverage()
    type Plain = {
      path: string
      branches: BranchCoverage[]
      statements: StatementCoverage[]
      signals: (Omit<SignalCoverage, 'rose' | 'fell'> & { rose: string; fell: string })[]
    }
    for (const { path, branches, statements, signals } of data as Plain[]) {
      for (const branch of branches) coverage.#branch(path, branch)
      for (const statement of statements) coverage.#statement(path, statement)
      for (const signal of signals)
        coverage.#signal(path, { ...signal, rose: BigInt(signal.rose), fell: BigInt(signal.fell) })
    }
    return coverage
  }

  #file(path: string): FileCoverage {
    let file = this.files.get(path)
    if (!file) {
      file = { branches: new Map(), statements: new Map(), signals: new Map() }
      this.files.set(path, file)
    }
    return file
  }

  #branch(path: string, { kind, range, arms }: BranchCoverage): void {
    const { branches } = this.#file(path)
    const name = `${kind} ${key(range)}`
    const known = branches.get(name)
    if (!known) {
      branches.set(name, { kind, range, arms: arms.map((arm) => ({ ...arm })) })
      return
    }
    // one parametrisation may reach an arm that another one has not
    arms.forEach(({ range: place, count }, i) => {
      if (known.arms[i]) known.arms[i]!.count += count
      else known.arms.push({ range: place, count })
    })
  }

  #statement(path: string, { range, count }: StatementCoverage): void {
    const { statements } = this.#file(path)
    const known = statements.get(key(range))
    if (known) known.count += count
    else statements.set(key(range), { range, count })
  }

  #signal(path: string, signal: SignalCoverage): void {
    const { signals } = this.#file(path)
    const name = `${signal.name} ${key(signal.range)}`
    const known = signals.get(name)
    if (!known) {
      signals.set(name, { ...signal })
      return
    }
    known.width = Math.max(known.width, signal.width)
    known.rose |= signal.rose
    known.fell |= signal.fell
  }
}
