import type { Simulation } from '../simulation.ts'

type Listener = (simulation: Simulation) => void

// on globalThis: a test may load this module twice, from its sources and from a package
const key = Symbol.for('gemgate.simulation.started')
const place = globalThis as { [key]?: Listener | undefined }

/** Hears of every simulation that starts from now on, in its power-on state; undefined for nobody. */
export function onSimulationStarted(listener: Listener | undefined): void {
  place[key] = listener
}

/** Tells the listener. */
export function simulationStarted(simulation: Simulation): void {
  place[key]?.(simulation)
}

/** Starts one that nobody hears of. */
export function startedUnheard(start: () => Simulation): Simulation {
  const listener = place[key]
  place[key] = undefined
  try {
    return start()
  } finally {
    place[key] = listener
  }
}
