import { GemgateError } from '../core/errors.ts'
import { ThreadPool } from '../core/thread-pool.ts'
import type { BoardProfile } from './board-profile.ts'
import type { BuildTask } from './build-thread.ts'
import { ecp5Project } from './ecp5-project.ts'
import { manifestScript } from './manifest-script.ts'
import { sourceFiles } from './source-files.ts'
import { type BuildInput, buildIdText, buildInput } from './source-hash.ts'
import type { Family, SynthesisCount } from './synthesize.ts'
import { vivadoProject } from './vivado-project.ts'

export interface ProjectExport {
  /** Texts by name below the folder of the project. */
  readonly files: ReadonlyMap<string, string>
  /** What the logic takes after mapping by Yosys; without the cores of the maker. */
  readonly count: SynthesisCount
  readonly sourceHash: string
  readonly buildId: string
}

const projects: Readonly<
  Record<string, { family: Family; make: (board: BoardProfile, input: BuildInput) => Map<string, string> }>
> = {
  ecp5: { family: 'ecp5', make: ecp5Project },
  vivado: { family: 'xc7', make: vivadoProject },
}

/**
 * The project of a board for tools that npm does not have: sources, constraints, a script that runs them to the
 * bitstream, and one that writes the manifest. Yosys maps the logic here, so that mistakes and size are known.
 * @throws GemgateError GG_USAGE for a board whose bitstream can be made here, GG_VERILOG_PARSE, GG_TOOL_MISSING; the
 *   reason of the signal when it aborts
 */
export async function exportProject(board: BoardProfile, signal?: AbortSignal): Promise<ProjectExport> {
  const project = projects[board.flow]
  if (project === undefined)
    throw new GemgateError('GG_USAGE', `${board.title} needs no project`, 'Use buildBitstream.')
  const input = buildInput(board)
  const module = new URL('./build-thread.ts', import.meta.url)
  await using pool = new ThreadPool<BuildTask, SynthesisCount>(module, { threads: 1 })
  const sources = sourceFiles(board.logic, board.folders)
  const task = { kind: 'count', sources, top: board.logic, family: project.family } as const
  const [count] = await pool.map([task], undefined, signal)
  const files = project.make(board, input)
  for (const [name, text] of input.sources) files.set(name, text)
  files.set(board.constraints, input.constraints)
  files.set('manifest.mjs', manifestScript(board, input))
  const { sourceHash, build } = input
  return { files, count: count!, sourceHash, buildId: buildIdText(build) }
}
