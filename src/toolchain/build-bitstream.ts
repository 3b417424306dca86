import { createHash } from 'node:crypto'
import { registerSchema } from '../board/register-schema.ts'
import { GemgateError } from '../core/errors.ts'
import { ThreadPool } from '../core/thread-pool.ts'
import { protocolVersion } from '../link/protocol.ts'
import type { BoardProfile } from './board-profile.ts'
import type { BuildResult, BuildTask } from './build-thread.ts'
import type { BuildProgress } from './ice40-flow.ts'
import type { BitstreamManifest, ResourceUse } from './manifest.ts'
import { type BuildInput, buildIdText, buildInput } from './source-hash.ts'
import { toolVersions } from './tools.ts'

export interface Bitstream {
  readonly image: Uint8Array
  readonly manifest: BitstreamManifest
  /** The netlist that the image was made of, as Verilog of iCE40 cells. */
  readonly netlist: string
}

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (progress: BuildProgress) => void
  /** Folder of the package, for builds from other sources. */
  readonly root?: string
}

/**
 * Makes the bitstream of a board with npm packages alone, in a thread. The same sources give the same bytes.
 * @throws GemgateError GG_BUILD when a tool fails, the design does not fit or misses its clock; GG_TOOL_MISSING; GG_USAGE
 *   for a board of another flow; the reason of the signal when it aborts
 */
export async function buildBitstream(board: BoardProfile, options: BuildOptions = {}): Promise<Bitstream> {
  if (board.flow !== 'ice40')
    throw new GemgateError(
      'GG_USAGE',
      `npm has no tools that place and route the ${board.fpga}`,
      'Use exportProject, which writes a project for the tools of its maker.',
    )
  const input = buildInput(board, options.root)
  const module = new URL('./build-thread.ts', import.meta.url)
  await using pool = new ThreadPool<BuildTask, BuildResult, BuildProgress>(module, { threads: 1 })
  const report = options.onProgress ?? (() => {})
  const [result] = await pool.map([{ kind: 'bitstream', board, input }], undefined, options.signal, report)
  const { synthesized, routed } = result!
  return { image: routed.image, manifest: describe(board, input, result!), netlist: synthesized.netlist }
}

function describe(
  board: BoardProfile,
  input: BuildInput,
  { synthesized, routed }: BuildResult,
): BitstreamManifest {
  const use = (kind: string): ResourceUse => routed.utilisation[kind] ?? { used: 0, available: 0 }
  const count = (pattern: RegExp): number =>
    Object.entries(synthesized.cells).reduce((sum, [type, n]) => sum + (pattern.test(type) ? n : 0), 0)
  return {
    format: 1,
    board: board.name,
    device: board.device,
    package: board.package,
    top: board.top,
    clock: board.clock,
    fmax: routed.fmax,
    slack: Math.round(1e3 * (1e9 / board.clock - 1e9 / routed.fmax)) / 1e3,
    baud: board.link.kind === 'uart' ? board.link.baud : 0,
    seed: routed.seed,
    resources: {
      logicCells: use('ICESTORM_LC'),
      luts: count(/^SB_LUT4$/),
      flipFlops: count(/^SB_DFF/),
      blockRams: use('ICESTORM_RAM'),
      multipliers: use('ICESTORM_DSP'),
      singlePortRams: use('ICESTORM_SPRAM'),
    },
    sourceHash: input.sourceHash,
    buildId: buildIdText(input.build),
    registerSchema: registerSchema.toString(16).padStart(8, '0'),
    protocolVersion,
    capability: board.capability,
    tools: toolVersions,
    sources: [...input.sources.keys(), board.constraints],
    image: {
      file: `${board.name}.bin`,
      bytes: routed.image.length,
      sha256: createHash('sha256').update(routed.image).digest('hex'),
    },
  }
}
