import type { CompiledDesign } from '../../sim/verilog/compile.ts'
import { Simulation } from '../../sim/verilog/simulation.ts'
import type { NativeSimulator } from './native-simulator.ts'
import type { TimedRun } from './statistics.ts'

/** A run takes about so long: short enough that many of them meet no disturbance. */
const runSeconds = 0.1
const rounds = 9
/** The optimising compiler of the host works beside the first cycles, the longer the larger the design. */
const warmUpSeconds = 2
const firstCycles = 1000

/** Runs of both engines in turns, so that what else the machine does slows both alike. */
export async function compareEngines(
  design: CompiledDesign,
  native: NativeSimulator | undefined,
): Promise<{ own: TimedRun[]; native: TimedRun[] }> {
  const simulation = new Simulation(design)
  const result: { own: TimedRun[]; native: TimedRun[] } = { own: [], native: [] }
  const both = async (cycles: number): Promise<TimedRun> => {
    const run = timed(simulation, cycles)
    result.own.push(run)
    if (native) result.native.push(await native.run(cycles))
    return run
  }
  let cycles = firstCycles
  for (const start = performance.now(); performance.now() - start < 1000 * warmUpSeconds; ) {
    const { seconds } = await both(cycles)
    if (seconds < runSeconds / 2) cycles *= 2
  }
  for (let i = 0; i < rounds; i++) await both(cycles)
  return result
}

function timed(simulation: Simulation, cycles: number): TimedRun {
  const start = performance.now()
  simulation.step(cycles)
  const seconds = (performance.now() - start) / 1000
  return { cycles, seconds, signature: Number(simulation.get('state')) }
}

/** Clocks per second where JavaScript sets an input, clocks once and reads an output, again and again. */
export function drivenCyclesPerSecond(design: CompiledDesign): number {
  const simulation = new Simulation(design)
  const { words, stepFunction: step } = simulation
  const [input, output] = [simulation.word('clk'), simulation.word('state')]
  let best = 0
  let folded = 0
  for (const start = performance.now(); performance.now() - start < 1000; ) {
    const cycles = 100_000
    const begin = performance.now()
    for (let i = 0; i < cycles; i++) {
      words[input] = folded & 1
      step()
      folded ^= words[output]!
    }
    best = Math.max(best, (1000 * cycles) / (performance.now() - begin))
  }
  return best
}
