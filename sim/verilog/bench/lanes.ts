import type { Simulation } from '../simulation.ts'
import type { Clock } from './clocks.ts'
import { timeoutError } from './errors.ts'
import type { Wait } from './waits.ts'

/** Something that acts at every rising edge of a clock, synchronously: cheaper than a coroutine. */
export interface Process {
  /** Just before the edge, all signals settled: what is read here is what the registers will see. Sets nothing. */
  sample?(): void
  /** Just after the edge: what is set here counts for the next one. */
  drive?(): void
  /** The design forgets: power-on with inputs 0, or the start of a reset. What was in flight is lost. */
  restart?(): void
}

/** A clock with everyone who waits for it. */
export class Lane {
  readonly clock: Clock
  /** Index of the clock input in `words`; -1 for a clock that the design has not. */
  readonly word: number
  readonly processes = new Set<Process>()
  rising: Wait[] = []
  falling: Wait[] = []
  sampling: Wait[] = []
  conditions: Wait[] = []

  constructor(simulation: Simulation, clock: Clock) {
    this.clock = clock
    this.word = simulation.ports.get(clock.name)?.word ?? -1
  }

  /** True if someone waits for an edge, and not only for a promise until a limit. */
  get isWaitedFor(): boolean {
    const edges = this.rising.length + this.falling.length + this.sampling.length
    return edges > 0 || this.conditions.some(({ holds }) => holds)
  }

  get falls(): number {
    return this.clock.rises - Number(this.clock.high)
  }

  /** Moves those who sample before the next rising edge to `ready`. */
  takeSampling(ready: Wait[]): void {
    this.sampling = takeReached(this.sampling, this.clock.rises + 1, ready)
  }

  /** Moves everyone whose edge or condition has come to `ready`. */
  takeReached(now: number, ready: Wait[]): void {
    const { clock } = this
    if (this.rising.length > 0) this.rising = takeReached(this.rising, clock.rises, ready)
    if (this.falling.length > 0) this.falling = takeReached(this.falling, this.falls, ready)
    const roseNow = clock.high && clock.riseTime(clock.rises) === now
    if (this.conditions.length > 0 && roseNow)
      this.conditions = this.conditions.filter((wait) => !this.#comesTrue(wait, ready))
  }

  /** Whole cycles until the first one after which someone must be resumed; 0 if every edge has to be looked at. */
  undisturbed(most: number, timers: readonly Wait[]): number {
    const { clock, rising, conditions } = this
    if (this.falling.length + this.sampling.length > 0) return 0
    let cycles = most
    for (const { holds, start, limit } of conditions) {
      if (holds) return 0
      cycles = Math.min(cycles, start + limit - clock.rises)
    }
    for (const { target } of rising) cycles = Math.min(cycles, target - clock.rises)
    for (const { target } of timers)
      cycles = Math.min(cycles, Math.floor((target - clock.first) / (2 * clock.half)) + 1 - clock.rises)
    return Math.max(0, cycles)
  }

  keep(which: (wait: Wait) => boolean): void {
    this.rising = this.rising.filter(which)
    this.falling = this.falling.filter(which)
    this.sampling = this.sampling.filter(which)
    this.conditions = this.conditions.filter(which)
  }

  /** The clock starts again; whoever waits goes on waiting for as long as before. */
  restart(): void {
    const { clock, falls } = this
    for (const wait of [...this.rising, ...this.sampling]) wait.target -= clock.rises
    for (const wait of this.falling) wait.target -= falls
    for (const wait of this.conditions) wait.start -= clock.rises
    clock.restart()
  }

  /** Also true if it fails, or if there is no time left. */
  #comesTrue(wait: Wait, ready: Wait[]): boolean {
    const passed = this.clock.rises - wait.start
    try {
      if (wait.holds?.()) wait.value = passed
      else if (passed < wait.limit) return false
      else wait.failure = { error: timeoutError(wait.what, passed, this.clock.name) }
    } catch (error) {
      wait.failure = { error }
    }
    ready.push(wait)
    return true
  }
}

/** Those who have to wait on. */
export function takeReached(waits: Wait[], reached: number, ready: Wait[]): Wait[] {
  if (waits.length === 1) {
    if (waits[0]!.target > reached) return waits
    ready.push(waits[0]!)
    return []
  }
  return waits.filter((wait) => {
    if (wait.target > reached) return true
    ready.push(wait)
    return false
  })
}
