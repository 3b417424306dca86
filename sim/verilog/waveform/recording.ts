import type { Simulation, SimulationObserver } from '../simulation.ts'
import { type ReplayStream, StimulusLog } from './stimulus-log.ts'

export interface RecordOptions {
  /** Memory that a recording may take, in bytes; 64 MiB by default. */
  readonly limit?: number
}

/** A stretch of a recording, and the state of the design at its start. */
export interface RecordedPart {
  readonly log: StimulusLog
  /** Cycles since power-on at the start. */
  readonly cycle: number
  /** Words of memory at the start; undefined for the power-on state. */
  readonly state: Int32Array | undefined
}

const defaultLimit = 64 * 2 ** 20

/**
 * What was done to a simulation since its power-on, compactly: enough to do it again on a design with all signals
 * visible. When it outgrows its limit, the oldest part is forgotten; where the engine shows no state, the newest.
 */
export class Recording implements SimulationObserver {
  readonly simulation: Simulation
  readonly #limit: number
  readonly #inner: SimulationObserver | undefined
  /** Input words and their values as logged. */
  readonly #places: Int32Array
  readonly #values: Int32Array
  /** Index of the main clock in both, or -1. */
  readonly #clock: number
  #parts: RecordedPart[]
  #log = new StimulusLog()
  /** Cycle at the start of a run whose end is not known yet, or -1. */
  #runFrom = -1
  #asked = 0
  #inputsKnown = true
  #full = false
  #closed = false
  #calls = 0

  constructor(simulation: Simulation, { limit = defaultLimit }: RecordOptions = {}) {
    this.simulation = simulation
    this.#limit = limit
    this.#inner = simulation.observer
    const places = new Set<number>()
    for (const { direction, word, width } of simulation.ports.values())
      if (direction === 'input') for (let i = 0; i * 32 < width; i++) places.add(word + i)
    this.#places = Int32Array.from(places)
    this.#values = new Int32Array(places.size)
    this.#clock = this.#places.indexOf(simulation.ports.get(simulation.design.clock)?.word ?? -1)
    this.#parts = [{ log: this.#log, cycle: 0, state: undefined }]
    simulation.observer = this
    if (simulation.cycle > 0) this.#startLate()
  }

  /** The stretches that are still known, oldest first, up to this moment. */
  get parts(): readonly RecordedPart[] {
    if (!this.#closed) this.#catchUp()
    return this.#parts
  }

  /** Cycles since power-on. */
  get cycle(): number {
    return this.simulation.cycle
  }

  /** Goes up with everything that is done to the simulation. */
  get calls(): number {
    return this.#calls
  }

  /** True if the newest cycles are missing. */
  get full(): boolean {
    return this.#full
  }

  /** True once the simulation was closed: its memory must not be touched any more. */
  get closed(): boolean {
    return this.#closed
  }

  run(cycles: number): void {
    this.#inner?.run(cycles)
    this.#catchUp()
    this.#runFrom = this.simulation.cycle
    this.#asked = cycles
    // a cycle leaves its clock low, whatever the test bench made of it before
    if (cycles > 0 && this.#clock >= 0) this.#values[this.#clock] = 0
  }

  settle(): void {
    this.#inner?.settle()
    this.#catchUp()
    if (!this.#full) this.#log.settle()
  }

  poke(name: string, index: number | undefined, value: bigint): void {
    this.#inner?.poke(name, index, value)
    this.#catchUp()
    if (!this.#full) this.#log.poke(name, index, value)
  }

  /** Many cycles inside the engine, with inputs that nobody here sees. */
  stream(replay: ReplayStream): void {
    this.#catchUp()
    this.#inputsKnown = false
    if (!this.#full) this.#log.stream(replay)
  }

  /** All that was before has no effect any more. */
  reset(): void {
    this.#inner?.reset()
    this.#log = new StimulusLog()
    this.#parts = [{ log: this.#log, cycle: 0, state: undefined }]
    this.#values.fill(0)
    this.#inputsKnown = true
    this.#runFrom = -1
    this.#calls++
    this.#full = false
  }

  close(): void {
    this.#inner?.close()
    this.#catchUp()
    this.#closed = true
  }

  /** Logs how far the last run came, and the inputs that changed since. */
  #catchUp(): void {
    this.#calls++
    if (this.#full) return
    if (this.#runFrom >= 0) {
      // an assertion or $finish may have ended it early; where it broke off it will do so again
      const cycles = this.simulation.cycle - this.#runFrom
      this.#log.run(cycles > 0 ? cycles : this.#asked)
      this.#runFrom = -1
    }
    if (this.#log.bytes > this.#limit / 2) this.#forgetOldest()
    const { words } = this.simulation
    const [places, values] = [this.#places, this.#values]
    for (let i = 0; i < places.length; i++) {
      const value = words[places[i]!]!
      if (value === values[i] && this.#inputsKnown) continue
      values[i] = value
      this.#log.input(places[i]!, value)
    }
    this.#inputsKnown = true
  }

  #forgetOldest(): void {
    const last = this.#parts.at(-1)!
    this.#startLate()
    if (!this.#full) this.#parts.unshift(last)
  }

  /** From here on, whatever was before. */
  #startLate(): void {
    const { design, words, cycle } = this.simulation
    if (design.size === undefined) {
      this.#full = true
      return
    }
    this.#log = new StimulusLog()
    this.#parts = [{ log: this.#log, cycle, state: words.slice(0, Math.ceil(design.size / 4)) }]
  }
}

const recordings = new WeakMap<Simulation, Recording>()

/**
 * Records a simulation, or the design under test around one, from now on; the recording it has if it is recorded
 * already. Costs some ten nanoseconds per call of `step`, and two words per change of an input.
 */
export function record(
  recorded: Simulation | { readonly simulation: Simulation },
  options?: RecordOptions,
): Recording {
  const simulation = 'simulation' in recorded ? recorded.simulation : recorded
  const known = recordings.get(simulation)
  if (known) return known
  const recording = new Recording(simulation, options)
  recordings.set(simulation, recording)
  return recording
}

/** The recording of a simulation, if there is one. */
export function recordingOf(simulation: Simulation): Recording | undefined {
  return recordings.get(simulation)
}
