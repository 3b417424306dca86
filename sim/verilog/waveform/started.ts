type Listener = (simulation: object) => void

// on globalThis: a test may load this module twice, from its sources and from a package
const key = Symbol.for('gemgate.simulation.started')
const unheard = Symbol.for('gemgate.simulation.unheard')
const place = globalThis as { [key]?: Listener | undefined; [unheard]?: boolean }

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
  const [listener, before] = [place[key], place[unheard] ?? false]
  place[key] = undefined
  place[unheard] = true
  try {
    return start()
  } finally {
    place[key] = listener
    place[unheard] = before
  }
}

/** Whether what starts now only repeats what another simulation did. */
export function startsUnheard(): boolean {
  return place[unheard] === true
}
