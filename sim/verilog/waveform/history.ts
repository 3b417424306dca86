import type { EngineDesign } from '../engine.ts'
import type { Recording } from './recording.ts'
import { replay } from './replay.ts'
import { Sampler, type WaveSignal } from './sampler.ts'

/** The values of all signals in one cycle, just before the clock edge that ends it. */
export interface Moment {
  /** Clock edges since power-on. */
  readonly cycle: number
  readonly values: Int32Array
}

export interface History {
  readonly signals: readonly WaveSignal[]
  /**
   * Oldest first. Where the test bench moves clocks itself, or there are none: every settled state
   * that differs from the one before.
   */
  readonly moments: readonly Moment[]
}

/**
 * The ports and registers of the last cycles up to one, by default now.
 * @param design the variant of the design to look into, by default the one that was simulated
 * @throws GemgateError GG_REPLAY as `replay`
 */
export function historyOf(
  recording: Recording,
  last: number,
  until: number | undefined,
  design: EngineDesign = recording.simulation.design,
): History {
  let signals: readonly WaveSignal[] = []
  let moments: Moment[] = []
  const from = Math.max(0, (until ?? recording.cycle) - last + 1)
  replay(recording, design, from, (simulation) => {
    const sampler = new Sampler(simulation)
    signals = sampler.signals
    return (cycle) => {
      if (until !== undefined && cycle > until) return
      sampler.sample()
      const { values } = sampler
      const before = moments.at(-1)
      if (before && cycle === before.cycle && values.every((value, i) => value === before.values[i])) return
      moments.push({ cycle, values: values.slice() })
      if (moments.length > 4 * last) moments = trim(signals, moments, last)
    }
  })
  return { signals, moments: trim(signals, moments, last) }
}

/** One moment per cycle where only whole cycles were run. */
function trim(signals: readonly WaveSignal[], moments: readonly Moment[], last: number): Moment[] {
  const clocks = signals.filter(({ clock }) => clock)
  const levels = ({ values }: Moment) => clocks.map(({ offset }) => values[offset]).join()
  const first = moments[0]
  const cyclic = first?.cycle !== moments.at(-1)?.cycle && moments.every((m) => levels(m) === levels(first!))
  const shown = cyclic ? moments.filter(({ cycle }, i) => cycle !== moments[i + 1]?.cycle) : moments
  return shown.slice(-last)
}
