import { GemgateError } from '../core/errors.ts'
import type { BoardProfile } from './board-profile.ts'
import { placementSeeds, routeArguments, synthesisOutputs, synthesisScript } from './ice40-script.ts'
import type { ResourceUse } from './manifest.ts'
import type { BuildInput } from './source-hash.ts'
import { runTool, toolTree } from './tool-run.ts'
import { loadNextpnr, loadYosys } from './tools.ts'

/** How far a build has come. */
export interface BuildProgress {
  readonly stage: 'synthesis' | 'placement' | 'routing' | 'packing'
  /** 0 to 1 over the whole build, estimated. */
  readonly fraction: number
}

export interface SynthesizedBoard {
  /** What nextpnr reads. */
  readonly json: string
  /** The same netlist as Verilog, for simulation. */
  readonly netlist: string
  /** Cells by type. */
  readonly cells: Readonly<Record<string, number>>
}

export interface RoutedBoard {
  readonly image: Uint8Array
  readonly seed: number
  /** Fastest clock, Hz. */
  readonly fmax: number
  readonly utilisation: Readonly<Record<string, ResourceUse>>
}

/** Runs Yosys. Throws GG_BUILD with its message, GG_TOOL_MISSING. */
export async function synthesizeBoard(
  board: BoardProfile,
  { sources, maps, build }: Pick<BuildInput, 'sources' | 'maps' | 'build'>,
  report: (progress: BuildProgress) => void = () => {},
): Promise<SynthesizedBoard> {
  const { runYosys } = await loadYosys()
  const script = synthesisScript(board, sources.keys(), build)
  let shown = 0
  const onLine = (line: string): void => {
    // the steps of synth_ice40 are numbered N.1 to N.47
    const step = Number(/^\d+\.(\d+)\./.exec(line)?.[1] ?? 0)
    if (step > shown) report({ stage: 'synthesis', fraction: Math.min(0.5, (shown = step) / 96) })
  }
  const run = {
    name: 'Yosys',
    args: ['-T', '-p', script],
    files: toolTree([...sources, ...maps]),
    onLine,
  }
  const left = await runTool(runYosys as Parameters<typeof runTool>[0], run)
  const counts = JSON.parse(String(left[synthesisOutputs.counts]))
  return {
    json: String(left[synthesisOutputs.json]),
    netlist: String(left[synthesisOutputs.netlist]),
    cells: counts.design.num_cells_by_type,
  }
}

/**
 * Places, routes and packs, with one seed after the other until the clock of the board is met.
 * @throws GemgateError GG_BUILD when the design does not fit or no seed meets the timing, GG_TOOL_MISSING
 */
export async function routeBoard(
  board: BoardProfile,
  json: string,
  constraints: string,
  report: (progress: BuildProgress) => void = () => {},
): Promise<RoutedBoard> {
  const { runNextpnrIce40, runIcepack } = await loadNextpnr()
  const files = { 'design.json': json, 'board.pcf': constraints }
  const onLine = (line: string): void => {
    if (/^Info: Placed |Running main analytical/.test(line)) report({ stage: 'placement', fraction: 0.6 })
    if (/^Info: Routing\.\./.test(line)) report({ stage: 'routing', fraction: 0.8 })
  }
  let best = 0
  for (const seed of placementSeeds) {
    const run = { name: 'nextpnr', args: routeArguments(board, seed), files, onLine }
    const left = await runTool(runNextpnrIce40 as Parameters<typeof runTool>[0], run, explainFit)
    const { fmax, utilisation } = readReport(String(left['report.json']))
    best = Math.max(best, fmax)
    if (fmax < board.clock) continue
    report({ stage: 'packing', fraction: 0.95 })
    const packing = {
      name: 'icepack',
      args: ['design.asc', 'design.bin'],
      files: { 'design.asc': left['design.asc']! },
      binary: true,
    }
    const packed = await runTool(runIcepack as Parameters<typeof runTool>[0], packing)
    return { image: (packed['design.bin'] as Uint8Array).slice(), seed, fmax, utilisation }
  }
  throw new GemgateError(
    'GG_BUILD',
    `the design runs at ${(best / 1e6).toFixed(2)} MHz at most with ${placementSeeds.length} seeds, and the clock of ${board.title} is ${board.clock / 1e6} MHz`,
    'Shorten the longest path, or lower the clock of the board.',
  )
}

/** The lowest Fmax of all clocks, in Hz, and what is used of what there is. */
function readReport(text: string): Pick<RoutedBoard, 'fmax' | 'utilisation'> {
  const { fmax, utilization } = JSON.parse(text)
  const clocks = Object.values(fmax as Record<string, { achieved: number }>)
  return {
    fmax: Math.round(1e6 * Math.min(...clocks.map(({ achieved }) => achieved))),
    utilisation: utilization,
  }
}

/** What a design that does not fit needs, from nextpnr's table. */
function explainFit(lines: readonly string[]): string | undefined {
  const uses = lines
    .map((line) => /^Info:\s+(\w+):\s*(\d+)\/\s*(\d+)\s+\d+%/.exec(line))
    .filter((found) => found !== null)
  const over = uses.filter(([, , used, available]) => Number(used) > Number(available))
  if (over.length === 0) return undefined
  const text = over.map(([, kind, used, available]) => `${used} of ${available} ${kindNames[kind!] ?? kind}`)
  return `the design does not fit: it takes ${text.join(', ')}`
}

const kindNames: Readonly<Record<string, string>> = {
  ICESTORM_LC: 'logic cells',
  ICESTORM_RAM: 'block RAMs',
  ICESTORM_DSP: 'multipliers',
  ICESTORM_SPRAM: 'single-port RAMs',
  SB_IO: 'pins',
}
