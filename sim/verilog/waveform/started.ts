type Listener = (simulation: object) => void

// on globalThis: a test may load this module twice, from its sources and from a package
const key = Symbol.for('gemgate.simulation.started')
const place = globalThis as { [key]?: Listener | undefined }

/** Hears of every simulation that starts from now on, in its power-on state; undefined for nobody. */
export function onSimulationStarted(listener: Listener | undefined): void {
  place[key] = listener
}

/** Tells the listener. */
export function simulationStarted(simulation: object): void {
  place[key]?.(simulation)
}

/** Starts one that nobody hears of. */
export function startedUnheard<Started>(start: () => Started): Started {
  const listener = place[key]
  place[key] = undefined
  try {
    return start()
  } finally {
    place[key] = listener
  }
}
