import type { Coverage } from './coverage-data.ts'
import { missingBits } from './missing-bits.ts'
import { inSourceOrder } from './tokens.ts'

export interface Share {
  readonly covered: number
  readonly total: number
}

export interface FileSummary {
  readonly file: string
  readonly lines: Share
  readonly branches: Share
  readonly signals: Share
  readonly missing: {
    /** Lines with a statement that did not run. */
    readonly lines: readonly number[]
    /** Lines of branches with a way that was not taken. */
    readonly branches: readonly number[]
    /** Signals with the bits that did not rise and fall: `count[7:4]`. */
    readonly signals: readonly string[]
  }
}

/** What is covered per file, and what is not. */
export function coverageSummary(coverage: Coverage): FileSummary[] {
  return [...coverage.files].map(([file, { branches, statements, signals }]) => {
    const lines = new Map<number, boolean>()
    for (const { range, count } of statements.values())
      lines.set(range.start.line, count > 0 && (lines.get(range.start.line) ?? true))
    const arms = [...branches.values()].flatMap(({ range, arms: all }) =>
      all.map(({ count }) => ({ line: range.start.line, taken: count > 0 })),
    )
    const changes = inSourceOrder(signals.values()).map((signal) => ({
      name: signal.name,
      missing: missingBits(signal),
      width: signal.width,
    }))
    const ascending = (numbers: Iterable<number>) => [...new Set(numbers)].sort((a, b) => a - b)
    return {
      file,
      lines: share([...lines.values()]),
      branches: share(arms.map(({ taken }) => taken)),
      signals: share(changes.map(({ missing }) => missing === '')),
      missing: {
        lines: ascending([...lines].filter(([, covered]) => !covered).map(([line]) => line)),
        branches: ascending(arms.filter(({ taken }) => !taken).map(({ line }) => line)),
        signals: changes.flatMap(({ name, missing, width }) =>
          missing === '' ? [] : [width === 1 ? name : name + missing],
        ),
      },
    }
  })
}

function share(covered: readonly boolean[]): Share {
  return { covered: covered.filter(Boolean).length, total: covered.length }
}
