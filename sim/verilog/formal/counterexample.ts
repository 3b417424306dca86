import type { CheckInfo } from '../engine.ts'
import type { Simulation } from '../simulation.ts'
import { record } from '../waveform/recording.ts'
import { writeVcd } from '../waveform/waveform.ts'
import { playStep, startTrace } from './apply-trace.ts'
import type { Reached, Trace } from './proof-task.ts'
import { inputTable } from './trace-table.ts'

/** Gives a simulation of the design in its power-on state, with all signals visible if they are to be written down. */
export type Restart = (trace: Trace) => Promise<Simulation>

/** A run that breaks an assert, or reaches a cover, from the start to the cycle in which it does. */
export class Counterexample {
  readonly check: CheckInfo
  /** The cycle in which it happens, counted from 1: the last one. */
  readonly cycle: number
  /** What every input is in each cycle; with several clocks, at each moment, clocks included. */
  readonly inputs: readonly Readonly<Record<string, bigint>>[]
  /** Registers, and words of memories as `name[index]`, at the start; bits that are not known there are 0. */
  readonly initial: Readonly<Record<string, bigint>>
  readonly #trace: Trace
  readonly #restart: Restart

  constructor({ check, cycle, trace }: Reached, restart: Restart) {
    this.check = check
    this.cycle = cycle
    this.inputs = trace.inputs.slice(0, cycle).map((values) => Object.fromEntries(values))
    this.initial = Object.fromEntries([...trace.initial].map(([name, { value }]) => [name, value]))
    this.#trace = trace
    this.#restart = restart
  }

  /** A simulation in which it has just happened, for a closer look. */
  async replay(): Promise<Simulation> {
    const simulation = await this.#restart(this.#trace)
    record(simulation)
    startTrace(simulation, this.#trace)
    for (let at = 0; at < this.cycle; at++) playStep(simulation, this.#trace, at)
    return simulation
  }

  /**
   * Writes all signals of the run as a value change dump.
   * @throws GemgateError GG_OUTPUT if the file cannot be written
   */
  async writeVcd(path: string): Promise<void> {
    const simulation = await this.replay()
    await writeVcd(simulation, path)
    simulation.close()
  }

  /** The inputs as a table: a line per input, a column per cycle, in hexadecimal. */
  table(): string {
    return inputTable(this.#trace.inputs.slice(0, this.cycle))
  }
}
