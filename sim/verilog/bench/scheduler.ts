import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'
import type { ClockSetting } from './clocks.ts'
import { Clockwork } from './clockwork.ts'
import { closedError, finishedError, isCount, notCycles } from './errors.ts'
import type { Lane, Process } from './lanes.ts'
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
  readonly #promises = new Set<Wait>()
  #order = 0
  #mainWaits = 0
  #closed = false
  #resetting = false
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

  /** True while the bench resets the design: agents offer nothing, and what they see does not count. */
  get resetting(): boolean {
    return this.#resetting
  }

  set resetting(value: boolean) {
    this.#resetting = value
    if (value) this.#clockwork.restartProcesses()
  }

  /** True if nothing but the main clock makes the design go on: a stream may run inside WebAssembly. */
  get isPlain(): boolean {
    return this.#clockwork.isPlain
  }

  isClock(name: string): boolean {
    return this.#clockwork.lanes.some(({ clock }) => clock.name === name)
  }

  /** @throws GemgateError GG_PORT */
  assertClock(name?: string): void {
    this.#clockwork.lane(name)
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
    if (!(duration >= 0 && Number.isFinite(duration)))
      throw new GemgateError('GG_USAGE', `${duration} is no duration`, 'Give a time of 0 or more.')
    const wait = this.wait(`${duration} units of time`)
    wait.target = now + Math.round(duration * ticksPerUnit)
    timers.push(wait)
    return wait.promise
  }

  waitCondition(holds: () => unknown, what: string, limit = defaultLimit, name?: string): Promise<number> {
    const lane = this.#clockwork.lane(name)
    if (!isLimit(limit)) throw notCycles(limit)
    const first = holds()
    if (first instanceof Object)
      throw new GemgateError(
        'GG_USAGE',
        `the condition \`${what}\` gives an object, which is always true`,
        'Give a plain function of signals; a promise can be waited for itself.',
      )
    if (first) return Promise.resolve(0)
    const wait = this.#limited(lane, what, limit)
    wait.holds = holds
    return wait.promise
  }

  /** Time goes on until the promise settles. */
  async waitPromise<T>(
    promise: PromiseLike<T>,
    what: string,
    limit = defaultLimit,
    name?: string,
  ): Promise<T> {
    const lane = this.#clockwork.lane(name)
    if (!isLimit(limit)) throw notCycles(limit)
    const wait = this.#limited(lane, what, limit)
    this.#promises.add(wait)
    const settled = () => {
      this.#promises.delete(wait)
      lane.keep((other) => other !== wait)
      wait.resume()
    }
    promise.then(settled, settled)
    try {
      await wait.promise
    } finally {
      this.#promises.delete(wait)
    }
    return promise
  }

  #limited({ clock, conditions }: Lane, what: string, limit: number): Wait {
    const wait = this.wait(what)
    wait.start = clock.rises
    wait.limit = limit
    conditions.push(wait)
    return wait
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

  /** Registers a wait of the running coroutine; the pump resumes it. @throws if nobody can wait any more */
  wait(what: string): Wait {
    const owner = currentCoroutine(this)
    const wait = new Wait(what, owner, this.#order++, this.#leave)
    if (owner) {
      const ended = this.#closed || owner.cancelled || this.simulation.finished
      if (ended && owner.refuse()) return wait
      if (ended) throw new Cancelled()
    } else {
      this.#assertGoesOn(what)
      this.#mainWaits++
    }
    this.#open.add(wait)
    this.#pump.wake()
    return wait
  }

  readonly #leave = (wait: Wait): boolean => {
    if (!this.#open.delete(wait)) return false
    if (!wait.owner) this.#mainWaits--
    return true
  }

  /** @throws why the test cannot wait any more, or the failure of a coroutine that nobody has heard of */
  #assertGoesOn(what: string): void {
    if (this.#closed) throw closedError(what)
    if (this.#failures.length > 0) throw this.#failures.shift()
    if (this.simulation.finished) throw finishedError(this.simulation, what)
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
    if (this.#closed) throw closedError('cycles')
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
    const outside = this.#promises.size > 0
    if (!isWaitedFor && !outside && !hasProcesses) {
      this.#nothingWillCome()
      return false
    }
    try {
      // what a process does may settle a promise
      const oneByOne = !isWaitedFor || (outside && hasProcesses)
      for (const wait of this.#clockwork.advance(oneByOne ? 1 : undefined)) wait.resume()
      if (this.simulation.finished) this.#finish()
    } catch (error) {
      this.#clockwork.sampled = false
      this.#failMain(() => error)
      for (const wait of this.#clockwork.reached()) wait.resume()
    }
    return this.#open.size > 0
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
    for (const wait of [...this.#open]) if (which(wait)) wait.fail(error(wait))
  }
}

const isLimit = (limit: number): boolean => isCount(limit) || limit === Infinity
