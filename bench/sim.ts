import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileVerilog } from '../sim/verilog/index.ts'
import { compareEngines, drivenCyclesPerSecond } from './sim/compare-engines.ts'
import { type BenchDesign, benchDesigns } from './sim/designs.ts'
import { NativeSimulator } from './sim/native-simulator.ts'
import { measureStart } from './sim/start-times.ts'
import { agree, fastest, geometricMean } from './sim/statistics.ts'

export interface SimulationSpeed {
  readonly name: string
  /** Word-level cells, after the hierarchy and the processes are resolved. */
  readonly cells: number
  /** Full clocks per second, one thread, best of several short runs. */
  readonly cyclesPerSecond: number
  /** Null where Verilator is not installed. */
  readonly verilatorCyclesPerSecond: number | null
  readonly ratio: number | null
  readonly coldStartMs: number
  readonly warmStartMs: number
  readonly verilatorBuildMs: number | null
  /** Whether all signatures of both engines are equal, or why there is nothing to compare. */
  readonly signatures: 'equal' | 'different' | string
}

export interface SimulationBenchmark {
  readonly designs: readonly SimulationSpeed[]
  readonly geometricMeanRatio: number | null
  /** The first design with an access to an input and an output around each clock, from JavaScript. */
  readonly drivenCyclesPerSecond: number | null
}

export interface SimulationBenchOptions {
  /** Names of the designs to measure; all by default. */
  readonly designs?: readonly string[]
  readonly onDesign?: (speed: SimulationSpeed) => void
}

/** Our engine beside native Verilator on designs that drive themselves. */
export async function benchSimulation(
  options: SimulationBenchOptions = {},
  signal?: AbortSignal,
): Promise<SimulationBenchmark> {
  const chosen = benchDesigns.filter(({ name }) => options.designs?.includes(name) ?? true)
  const designs: SimulationSpeed[] = []
  for (const design of chosen) {
    signal?.throwIfAborted()
    const speed = await measure(design, signal)
    options.onDesign?.(speed)
    designs.push(speed)
  }
  const first = chosen[0] && (await compileVerilog(chosen[0].sources, { top: chosen[0].name }))
  return {
    designs,
    geometricMeanRatio: geometricMean(designs.flatMap(({ ratio }) => ratio ?? [])),
    drivenCyclesPerSecond: first ? drivenCyclesPerSecond(first) : null,
  }
}

async function measure(design: BenchDesign, signal: AbortSignal | undefined): Promise<SimulationSpeed> {
  const { name, sources } = design
  const start = await measureStart(design)
  const built = await NativeSimulator.build(design, signal)
  const native = typeof built === 'string' ? undefined : built
  const cache = mkdtempSync(join(tmpdir(), 'gemgate-bench-'))
  try {
    const compiled = await compileVerilog(sources, { top: name, cache })
    const runs = await compareEngines(compiled, native)
    const cyclesPerSecond = fastest(runs.own)
    const verilatorCyclesPerSecond = native ? fastest(runs.native) : null
    return {
      name,
      cells: compiled.statistics.cells,
      cyclesPerSecond,
      verilatorCyclesPerSecond,
      ratio: verilatorCyclesPerSecond === null ? null : cyclesPerSecond / verilatorCyclesPerSecond,
      ...start,
      verilatorBuildMs: native?.buildMs ?? null,
      signatures: typeof built === 'string' ? built : agree(runs.own, runs.native) ? 'equal' : 'different',
    }
  } finally {
    native?.close()
    rmSync(cache, { recursive: true, force: true })
  }
}
