import type { CmvmComparison, CmvmOptions } from '../../bench/cmvm.ts'
import type { Output } from './output.ts'

/** `bench cmvm`: adder graphs beside those of da4ml. */
export async function benchCmvm(options: CmvmOptions, output: Output): Promise<void> {
  const bench = await import('../../bench/cmvm.ts')
  output.text('matrix                    extra depth  adders   bits  depth  seconds  xc7 LUTs')
  const { matrices, jetTagger } = await bench.benchCmvm({
    ...options,
    onResult: (result) => output.text(row(result)),
  })
  if (!jetTagger) output.text('jet tagger: SKIPPED, ../shared/models is absent')
  output.text('')
  for (const line of means(matrices)) output.text(line)
  output.result({ matrices: matrices.map(({ group: _, da4ml: __, ...result }) => result) })
}

function row(result: CmvmComparison): string {
  const { name, maxExtraDepth, adders, adderBits, depth, seconds, xc7Luts } = result
  const cells: [string | number, number][] = [
    [maxExtraDepth ?? 'any', 11],
    [adders, 7],
    [adderBits, 6],
    [depth, 6],
    [seconds.toFixed(2), 8],
    [xc7Luts ?? '-', 9],
  ]
  return name.padEnd(26) + cells.map(([value, width]) => String(value).padStart(width)).join(' ')
}

/** Means of each group beside da4ml's. */
function means(results: readonly CmvmComparison[]): string[] {
  const groups = new Map<string, CmvmComparison[]>()
  for (const result of results) {
    const key = `${result.group}, ${result.maxExtraDepth === null ? 'any depth' : `extra depth ${result.maxExtraDepth}`}`
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  return [...groups].map(([key, members]) => {
    const mean = members.reduce((sum, { adders }) => sum + adders, 0) / members.length
    const other = members[0]!.da4ml
    const change = other === null ? '' : `, da4ml ${other} (${((mean / other - 1) * 100).toFixed(1)} %)`
    return `${key}: ${mean.toFixed(1)} adders${change}`
  })
}
