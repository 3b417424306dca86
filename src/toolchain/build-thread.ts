import { serveTasks } from '../core/serve-tasks.ts'
import type { BoardProfile } from './board-profile.ts'
import { hastenWrites } from './hasten-writes.ts'
import {
  type BuildProgress,
  type RoutedBoard,
  routeBoard,
  type SynthesizedBoard,
  synthesizeBoard,
} from './ice40-flow.ts'
import type { BuildInput } from './source-hash.ts'
import { type Family, type SynthesisCount, synthesize } from './synthesize.ts'

/** Makes a bitstream, or only counts what a board's logic takes. */
export type BuildTask =
  | { readonly kind: 'bitstream'; readonly board: BoardProfile; readonly input: BuildInput }
  | {
      readonly kind: 'count'
      readonly sources: ReadonlyMap<string, string>
      readonly top: string
      readonly family: Family
    }

export interface BuildResult {
  readonly synthesized: SynthesizedBoard
  readonly routed: RoutedBoard
}

hastenWrites()
serveTasks<BuildTask, BuildResult | SynthesisCount, BuildProgress>(async (task, report) => {
  if (task.kind === 'count') return synthesize(task.sources, task.top, task.family)
  const { board, input } = task
  const synthesized = await synthesizeBoard(board, input, report)
  const routed = await routeBoard(board, synthesized.json, input.constraints, report)
  return { synthesized, routed }
})
