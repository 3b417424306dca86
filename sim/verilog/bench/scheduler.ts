import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'
import type { ClockSetting } from './clocks.ts'
import { Clockwork } from './clockwork.ts'
import { closedError, finishedError, timeoutError } from './errors.ts'
import type { Process } from './lanes.ts'
import { Pump } from './pump.ts'
import { Cancelled, Coroutine, type CoroutineOwner, currentCoroutine, Wait } from './waits.ts'

const defaultLimit = 1_000_000
const stuckMilliseconds = 10_000

/**
 * Simulated time with coroutines. Time goes on only while the test itself waits, and only when every coroutine
 * waits; coroutines are resumed in the order of their waiting. So a bench is as deterministic as its design.
 */
export class Scheduler implements CoroutineOwner {
  readonly simulation: Simulation
  readonly #clockwork: Clockwork
  readonly #pump = new Pump(() => this.#advance())
  readonly #open = new Set<Wait>()
  readonly #coroutines = new Set<Coroutine<unknown>>()
  readonly #failures: unknown[] = []
  /** Those who wait for something outside simulated time. */
  #promises: Wait[] = []
  #order = 0
  #mainWaits = 0
  #closed = false
  #watchdog: NodeJS.Timeout | undefined

  constructor(simulation: Simulation, settings: Readonly<Record<string, ClockSetting>> = {}) {
    this.simulation = simulation
    this.#clockwork = new Clockwork(simulation, settings)
  }

  /** Simulated time in the unit of the clocks' periods. */
  get time(): number {
    return this.#clockwork.now / this.#clockwork.ticksPerUnit
  }

  /** True while coroutines look at the signals just before an edge. */
  get sampling(): boolean {
    return this.#clockwork.sampled
  }

  /** True if nothing but the main clock makes the design go on: a stream may run inside WebAssembly. */
  get isPlain(): boolean {
    return this.#clockwork.isPlain
  }

  isClock(name: string): boolean {
    return this.#clockwork.lanes.some(({ clock }) => clock.name === name)
  }

  waitRising(cycles: number, name?: string): Promise<number> {
    const lane = this.#clockwork.lane(name)
    const wait = this.wait(`a rising edge of ${lane.clock.name}`)
    wait.target = lane.clock.rises + cycles
    lane.rising.push(wait)
    return wait.promise
  }

  waitFalling(cycles: number, name?: string): Promise<number> {
    const lane = this.#clockwork.lane(name)
    const wait = this.wait(`a falling edge of ${lane.clock.name}`)
    wait.target = lane.falls + cycles
    lane.falling.push(wait)
    return wait.promise
  }

  waitSample(name?: string): Promise<number> {
    const { clock, sampling } = this.#clockwork.lane(name)
    const wait = this.wait(`the moment before a rising edge of ${clock.name}`)
    const seen = this.sampling && !clock.high && clock.next === this.#clockwork.due
    wait.target = clock.rises + (seen ? 2 : 1)
    sampling.push(wait)
    return wait.promise
  }

  waitTime(duration: number): Promise<number> {
    const { ticksPerUnit, now, timers } = this.#clockwork
    const ticks = Math.round(duration * ticksPerUnit)
    if (!(ticks >= 0))
      throw new GemgateError('GG_USAGE', `${duration} is no duration`, 'Give a time of 0 or more.')
    const wait = this.wait(`${duration} units of time`)
    wait.target = now + ticks
    timers.push(wait)
    return wait.promise
  }

  waitCondition(holds: () => boolean, what: string, limit = defaultLimit, name?: string): Promise<number> {
    const { clock, conditions } = this.#clockwork.lane(name)
    if (holds()) return Promise.resolve(0)
    const wait = this.wait(what)
    wait.holds = holds
    wait.start = clock.rises
    wait.limit = limit
    conditions.push(wait)
    return wait.promise
  }

  /** Time goes on until the promise settles. */
  async waitPromise<T>(promise: PromiseLike<T>, what: string, limit = defaultLimit): Promise<T> {
    const wait = this.wait(what)
    wait.start = this.#clockwork.main.clock.rises
    wait.limit = limit
    this.#promises.push(wait)
    const settled = () => {
      this.#promises = this.#promises.filter((other) => other !== wait)
      wait.resume()
    }
    promise.then(settled, settled)
    await wait.promise
    return promise
  }

  fork<T>(
    body: () => Promise<T> | T,
    name = body.name || `coroutine ${this.#coroutines.size + 1}`,
  ): Coroutine<T> {
    const coroutine = new Coroutine(this, name, body)
    if (coroutine.running) this.#coroutines.add(coroutine as Coroutine<unknown>)
    return coroutine
  }

  attach(process: Process, clock?: string): () => void {
    return this.#clockwork.attach(process, clock)
  }

  /** Registers a wait of the running coroutine; the pump resumes it. */
  wait(what: string): Wait {
    const owner = currentCoroutine(this)
    const wait = new Wait(what, owner, this.#order++, this.#leave)
    this.#open.add(wait)
    if (!owner) this.#mainWaits++
    const refusal = this.#refusal(wait)
    if (refusal) wait.fail(refusal.error)
    else this.#pump.wake()
    return wait
  }

  readonly #leave = (wait: Wait): boolean => {
    if (!this.#open.delete(wait)) return false
    if (!wait.owner) this.#mainWaits--
    return true
  }

  /** Why nobody can wait any more. */
  #refusal({ owner, what }: Wait): { readonly error: unknown } | undefined {
    if (owner) {
      const ended = this.#closed || owner.cancelled || this.simulation.finished
      return ended ? { error: new Cancelled() } : undefined
    }
    if (this.#closed) return { error: closedError(what) }
    if (this.#failures.length > 0) return { error: this.#failures.shift() }
    return this.simulation.finished ? { error: finishedError(this.simulation, what) } : undefined
  }

  failed(error: unknown): void {
    if (this.#mainWaits > 0) {
      this.#failMain(() => error)
      return
    }
    this.#failures.push(error)
    setTimeout(() => {
      const at = this.#failures.indexOf(error)
      // nobody will wait any more: the process itself must hear of it
      if (at >= 0) Promise.reject(this.#failures.splice(at, 1)[0])
    }, 0)
  }

  cancelWaits(coroutine: Coroutine<unknown>): void {
    const cancelled = new Cancelled()
    this.#drop(
      (wait) => wait.owner === coroutine,
      () => cancelled,
    )
  }

  ended(coroutine: Coroutine<unknown>): void {
    this.#coroutines.delete(coroutine)
    this.#pump.wake()
  }

  /**
   * Clocks on at once, without coroutines.
   * @returns the cycles done: fewer if the design finishes
   */
  run(cycles: number, name?: string): number {
    this.assertAlone()
    const { clock } = this.#clockwork.lane(name)
    const start = clock.rises
    if (this.simulation.finished && cycles > 0) throw finishedError(this.simulation, `${cycles} cycles`)
    while (clock.rises < start + cycles && !this.simulation.finished)
      this.#clockwork.advance(start + cycles - clock.rises, clock)
    return clock.rises - start
  }

  /** Synchronous clocking would pass by a coroutine that waits for an edge. */
  assertAlone(): void {
    const [coroutine] = this.#coroutines
    const [wait] = this.#open
    if (!coroutine && !wait) return
    const who = coroutine ? `${coroutine.name} is running` : `someone waits for ${wait!.what}`
    throw new GemgateError(
      'GG_USAGE',
      `the clock cannot be run in one go: ${who}`,
      'Use `await dut.clock(n)` beside coroutines, or let them end first.',
    )
  }

  /** Cycles of the main clock that something else has done. */
  passed(cycles: number): void {
    this.#clockwork.passed(cycles)
  }

  /** Time starts again at 0; whoever waits goes on waiting for as long as before. */
  restart(): void {
    for (const wait of this.#promises) wait.start -= this.#clockwork.main.clock.rises
    this.#clockwork.restart()
  }

  /** Ends every coroutine. @throws the failure of a coroutine that nobody has heard of yet */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#watchdog)
    for (const coroutine of [...this.#coroutines]) coroutine.cancel()
    this.#drop(
      () => true,
      (wait) => (wait.owner ? new Cancelled() : closedError(wait.what)),
    )
    if (this.#failures.length > 0) throw this.#failures.splice(0)[0]
  }

  /** One turn of the pump. @returns true if it should have another */
  #advance(): boolean {
    clearTimeout(this.#watchdog)
    this.#watchdog = undefined
    if (this.#closed || this.#mainWaits === 0) return false
    const { isWaitedFor, hasProcesses } = this.#clockwork
    const outside = this.#promises.length > 0
    if (!isWaitedFor && !outside && !hasProcesses) {
      this.#nothingWillCome()
      return false
    }
    try {
      // what a process does may settle a promise
      const oneByOne = !isWaitedFor || (outside && hasProcesses)
      for (const wait of this.#clockwork.advance(oneByOne ? 1 : undefined)) wait.resume()
      this.#checkLimits()
      if (this.simulation.finished) this.#finish()
    } catch (error) {
      this.#clockwork.sampled = false
      this.#failMain(() => error)
    }
    return this.#open.size > 0
  }

  #checkLimits(): void {
    if (this.#promises.length === 0) return
    const { clock } = this.#clockwork.main
    this.#promises = this.#promises.filter((wait) => {
      const passed = clock.rises - wait.start
      if (passed < wait.limit) return true
      wait.fail(timeoutError(wait.what, passed, clock.name))
      return false
    })
  }

  /** Everyone waits, and nobody for time: only something outside the simulation can help, and that not for ever. */
  #nothingWillCome(): void {
    const waits = [...this.#open]
    const stuck = () => {
      const list = [...this.#open].map(({ owner, what }) => `${owner?.name ?? 'the test'} for ${what}`)
      const error = new GemgateError(
        'GG_SIM_TIMEOUT',
        `everyone waits and nothing can come: ${list.join(', ')}`,
        'Look for coroutines that wait for each other, or for a promise that nobody resolves.',
      )
      this.#failMain(() => error)
    }
    const free = [...this.#coroutines].some((coroutine) => !waits.some(({ owner }) => owner === coroutine))
    if (free) this.#watchdog = setTimeout(stuck, stuckMilliseconds)
    else stuck()
  }

  /** The design has called $finish: whoever waits for a cycle goes on, the others hear of it. */
  #finish(): void {
    for (const { rising } of this.#clockwork.lanes)
      for (const wait of rising) if (wait.owner === undefined) wait.resume()
    this.#failMain((wait) => finishedError(this.simulation, wait.what))
    for (const coroutine of [...this.#coroutines]) coroutine.cancel()
  }

  #failMain(error: (wait: Wait) => unknown): void {
    this.#drop((wait) => wait.owner === undefined, error)
  }

  #drop(which: (wait: Wait) => boolean, error: (wait: Wait) => unknown): void {
    const stays = (wait: Wait) => !which(wait)
    this.#clockwork.keep(stays)
    this.#promises = this.#promises.filter(stays)
    for (const wait of [...this.#open]) if (which(wait)) wait.fail(error(wait))
  }
}
