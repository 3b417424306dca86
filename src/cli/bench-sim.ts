import type { SimulationSpeed } from '../../bench/sim.ts'
import { exitCode, type Output } from './output.ts'

/** What `bench sim` can be told. */
export interface SimFlags {
  /** The designs to measure, separated by commas. */
  readonly designs?: string
}

/** Speed of the simulator beside native Verilator on designs from small to large. */
export async function benchSim({ designs }: SimFlags, output: Output, signal: AbortSignal): Promise<void> {
  const { benchSimulation } = await import('../../bench/sim.ts')
  const result = await benchSimulation(
    {
      ...(designs === undefined ? {} : { designs: designs.split(',') }),
      onDesign: (speed) => output.text(line(speed)),
    },
    signal,
  )
  const { geometricMeanRatio: mean, drivenCyclesPerSecond: driven } = result
  if (mean !== null) output.text(`geometric mean: ${mean.toFixed(2)} times native Verilator`)
  if (driven !== null) output.text(`driven from JavaScript each clock: ${mega(driven)} Mclock/s`)
  output.result(result)
  if (result.designs.some(({ signatures }) => signatures === 'different')) process.exitCode = exitCode.failed
}

const mega = (value: number): string => (value / 1e6).toFixed(value < 1e7 ? 3 : 1)

function line(speed: SimulationSpeed): string {
  const { name, cells, cyclesPerSecond, verilatorCyclesPerSecond: native, ratio, signatures } = speed
  const peer =
    native === null || ratio === null
      ? signatures
      : `native Verilator ${mega(native)}, ratio ${ratio.toFixed(2)}, signatures ${signatures}`
  const start = `first clock after ${speed.coldStartMs.toFixed(0)} ms, ${speed.warmStartMs.toFixed(0)} ms from the cache`
  return `${name.padEnd(18)} ${String(cells).padStart(6)} cells  ${mega(cyclesPerSecond)} Mclock/s, ${peer}; ${start}`
}
