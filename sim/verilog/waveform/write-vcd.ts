import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import type { EngineDesign } from '../engine.ts'
import type { Simulation } from '../simulation.ts'
import type { Recording } from './recording.ts'
import { type MomentVisitor, replay } from './replay.ts'
import { isTraced, Sampler } from './sampler.ts'
import { VcdWriter } from './vcd-writer.ts'

export interface VcdOptions {
  /** Only so many cycles before now; all that are recorded by default. */
  readonly last?: number
}

export interface VcdSummary {
  readonly path: string
  readonly signals: number
  readonly firstCycle: number
  readonly lastCycle: number
  /** False if only ports and registers are in the file: the recording lost its start, or the engine has no more. */
  readonly complete: boolean
}

/** Nanoseconds from one edge of the main clock to the next. */
const vcdPeriod = 10

/**
 * Writes a recorded simulation as a VCD file with every named signal. The design is compiled once more for that, and
 * what was recorded is done again on it. Edge k of the main clock is at k times 10 ns, and registers and the inputs for
 * the next edge change there; settling in between shows 1 ns later each.
 * @throws GemgateError GG_OUTPUT if the file cannot be written, GG_REPLAY as `replay`
 */
export async function writeVcdFile(
  recording: Recording,
  path: string,
  { last = Number.POSITIVE_INFINITY }: VcdOptions = {},
): Promise<VcdSummary> {
  const { parts } = recording
  const now = recording.cycle
  const from = Math.max(parts[0]!.cycle, now - last)
  const design = await mostVisible(recording)
  return writeFileOf(path, (write) => {
    const dump = new Dump(design, write)
    replay(recording, design, from, (replayed) => dump.open(replayed))
    dump.close()
    return {
      path,
      signals: dump.signals,
      firstCycle: from,
      lastCycle: now,
      complete: isTraced(design),
    }
  })
}

/** The variant of the design that shows most and can repeat the recording. */
export async function mostVisible(recording: Recording): Promise<EngineDesign> {
  const { design } = recording.simulation
  const fromPowerOn = recording.parts[0]!.state === undefined
  if (isTraced(design) || !design.traced || !fromPowerOn) return design
  // what only Verilator can read shows its ports
  return design.traced().catch(() => design)
}

/** Gives moments their time. */
class Dump {
  signals = 0
  readonly #design: EngineDesign
  readonly #write: (text: string) => void
  #writer!: VcdWriter
  #cycle = -1
  #time = 0
  #fall = -1
  #values: Int32Array = new Int32Array(0)

  constructor(design: EngineDesign, write: (text: string) => void) {
    this.#design = design
    this.#write = write
  }

  open(simulation: Simulation): MomentVisitor {
    const sampler = new Sampler(simulation)
    this.#values = sampler.values
    this.signals = sampler.signals.length
    const comment = `edge k of ${this.#design.clock || 'the clock'} is at ${vcdPeriod} ns times k`
    const lost = isTraced(this.#design) ? '' : '; only ports and registers are here'
    const header = { top: this.#design.top, comment: comment + lost, timescale: '1ns' }
    this.#writer = new VcdWriter(header, sampler.signals, sampler.values.length, this.#write)
    return (cycle) => {
      sampler.sample()
      this.#moment(cycle, sampler.values)
    }
  }

  close(): void {
    const end = Math.max(this.#time + 1, (Math.floor(this.#time / vcdPeriod) + 1) * vcdPeriod)
    this.#fallBefore(end)
    this.#writer.end(end)
  }

  #moment(cycle: number, values: Int32Array): void {
    const writer = this.#writer
    if (this.#cycle < 0) {
      this.#time = cycle * vcdPeriod
      writer.first(this.#time, values)
    } else if (cycle > this.#cycle) {
      // many settles may have stretched the cycle before
      const next = (Math.floor(this.#time / vcdPeriod) + 1) * vcdPeriod
      this.#fallBefore(next)
      this.#time = Math.max(next, cycle * vcdPeriod)
      writer.at(this.#time)
      writer.clock(1, values)
      this.#fall = this.#time + vcdPeriod / 2
      writer.sample(values)
    } else if (writer.differs(values)) {
      this.#fallBefore(this.#time + 1)
      this.#time++
      writer.at(this.#time)
      writer.sample(values)
    }
    this.#cycle = cycle
  }

  #fallBefore(time: number): void {
    if (this.#fall < 0 || this.#fall > time) return
    this.#writer.at(this.#fall)
    this.#writer.clock(0, this.#values)
    this.#fall = -1
  }
}

/** The file appears whole or not at all. */
function writeFileOf<T>(path: string, fill: (write: (text: string) => void) => T): T {
  const temporary = `${path}.part`
  const attempt = <R>(action: () => R): R => {
    try {
      return action()
    } catch (cause) {
      throw new GemgateError('GG_OUTPUT', `the waveform ${path} cannot be written`, 'Choose another path.', {
        file: path,
        cause,
      })
    }
  }
  const file = attempt(() => {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(temporary, 'w')
  })
  try {
    const result = fill((text) => attempt(() => writeSync(file, text)))
    attempt(() => renameSync(temporary, path))
    return result
  } finally {
    closeSync(file)
    rmSync(temporary, { force: true })
  }
}
