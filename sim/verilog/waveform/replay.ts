import { GemgateError } from '../../../src/core/errors.ts'
import type { EngineDesign } from '../engine.ts'
import { Simulation, type SimulationObserver } from '../simulation.ts'
import type { RecordedPart, Recording } from './recording.ts'
import { startedUnheard } from './started.ts'

/** Sees a replayed design, settled, at a moment of a cycle: what the next clock edge samples, or the final state. */
export type MomentVisitor = (cycle: number) => void

/**
 * Does again what was recorded, on another instance of the design.
 * @param visit is made for the new instance and hears of every settled moment from cycle `from` on: at least one per
 *   cycle, the last one as the design stands now
 * @returns the instance, in the final state
 * @throws GemgateError GG_REPLAY if the recording ends before the simulation, or that was changed behind it
 */
export function replay(
  recording: Recording,
  design: EngineDesign,
  from: number,
  visit: (simulation: Simulation) => MomentVisitor,
): Simulation {
  const simulation = startedUnheard(
    () => new Simulation(design, { onPrint: () => {}, assertions: 'collect' }),
  )
  const moment = visit(simulation)
  const parts = partsFrom(recording, from)
  const [first] = parts
  if (first!.state !== undefined) simulation.words.set(first!.state)
  const places = inputPlaces(recording.simulation, simulation)
  const offset = first!.cycle - simulation.cycle
  const cycle = () => simulation.cycle + offset
  const show = () => {
    simulation.settle()
    moment(cycle())
  }
  let stepping = false
  const advance = (cycles: number) => {
    const before = cycle()
    stepping = true
    simulation.step(cycles)
    stepping = false
    if (cycle() === before) throw mismatch(recording, 'it cannot be repeated')
  }
  try {
    for (const { log } of parts)
      log.visit({
        input: (word, value) => {
          simulation.words[places.get(word)!] = value
        },
        run: (cycles) => {
          const end = cycle() + cycles
          // an edge that the test bench made itself counts, and comes first
          simulation.settle()
          while (cycle() < Math.min(end, from)) advance(Math.min(end, from) - cycle())
          while (cycle() < end) {
            show()
            advance(1)
          }
        },
        settle: () => {
          if (cycle() >= from) show()
          else simulation.settle()
        },
        stream: (again) => {
          simulation.observer = { ...silent, run: () => cycle() >= from && show() }
          again(simulation)
          simulation.observer = undefined
        },
        poke: (name, index, value) => {
          if (index === undefined) simulation.poke(name, value)
          else simulation.pokeMemory(name, index, value)
        },
      })
    show()
  } catch (error) {
    // the first time ended with this, too; the last moment is as far as it came
    if (!(error instanceof GemgateError) || error.code !== 'GG_UNSETTLED') throw error
    moment(cycle() + (stepping ? 1 : 0))
    return simulation
  }
  check(recording, simulation, cycle())
  return simulation
}

const silent: SimulationObserver = { run() {}, settle() {}, poke() {}, reset() {}, close() {} }

/** Where an input word of one instance lies in another. */
function inputPlaces(from: Simulation, to: Simulation): Map<number, number> {
  const places = new Map<number, number>()
  for (const { name, direction, word, width } of from.ports.values())
    if (direction === 'input') for (let i = 0; i * 32 < width; i++) places.set(word + i, to.word(name) + i)
  return places
}

/** The stretches from the last start at or before a cycle; from the first one if that is younger. */
function partsFrom(recording: Recording, from: number): readonly RecordedPart[] {
  const { parts } = recording
  const first = parts.findLastIndex(({ cycle }) => cycle <= from)
  return parts.slice(Math.max(0, first))
}

/** Raw access to memory or clock cannot be recorded; a waveform of something else would mislead. */
function check(recording: Recording, replayed: Simulation, cycle: number): void {
  const live = recording.simulation
  if (recording.full) throw mismatch(recording, 'it became too long')
  if (recording.closed) return
  if (live.cycle !== cycle) throw mismatch(recording, `it has ${cycle} cycles instead of ${live.cycle}`)
  for (const { name, registered } of live.ports.values()) {
    if (!registered || !replayed.isRegistered(name)) continue
    if (live.get(name) !== replayed.get(name)) throw mismatch(recording, `${name} differs`)
  }
}

function mismatch(recording: Recording, why: string): GemgateError {
  return new GemgateError(
    'GG_REPLAY',
    `the recording of ${recording.simulation.design.top} does not lead to its present state: ${why}`,
    'Clock it with step() and set registers with poke(): raw calls and writes into memory are not recorded.',
  )
}
