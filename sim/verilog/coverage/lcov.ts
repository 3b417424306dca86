import type { Coverage, FileCoverage } from './coverage-data.ts'
import { missingBits } from './missing-bits.ts'
import { inSourceOrder } from './tokens.ts'

/** Coverage as the text of an `lcov.info`, which editors and CI services read. */
export function lcov(coverage: Coverage): string {
  return [...coverage.files].map(([path, file]) => record(path, file)).join('')
}

function record(path: string, { branches, statements, signals }: FileCoverage): string {
  const lines = new Map<number, number>()
  for (const { range, count } of statements.values())
    lines.set(range.start.line, Math.max(count, lines.get(range.start.line) ?? 0))
  const functions = inSourceOrder(signals.values()).map((signal) => ({
    name: signal.name,
    line: signal.range.start.line,
    hit: missingBits(signal) === '' ? 1 : 0,
  }))
  const arms = inSourceOrder(branches.values()).flatMap((branch, block) =>
    branch.arms.map(({ count }, i) => ({ line: branch.range.start.line, block, arm: i, count })),
  )
  const hit = (counts: readonly number[]) => counts.filter((count) => count > 0).length
  return [
    'TN:',
    `SF:${path}`,
    ...functions.map(({ name, line }) => `FN:${line},${name}`),
    ...functions.map(({ name, hit: count }) => `FNDA:${count},${name}`),
    `FNF:${functions.length}`,
    `FNH:${hit(functions.map(({ hit: count }) => count))}`,
    ...arms.map(({ line, block, arm, count }) => `BRDA:${line},${block},${arm},${count}`),
    `BRF:${arms.length}`,
    `BRH:${hit(arms.map(({ count }) => count))}`,
    ...[...lines].sort(([a], [b]) => a - b).map(([line, count]) => `DA:${line},${count}`),
    `LF:${lines.size}`,
    `LH:${hit([...lines.values()])}`,
    'end_of_record',
    '',
  ].join('\n')
}
