import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'
import { type Clock, type ClockSetting, timeline } from './clocks.ts'
import { finishedError, timeoutError, unknownClock } from './errors.ts'
import { Pump } from './pump.ts'
import { Cancelled, Coroutine, type CoroutineOwner, currentCoroutine, Wait } from './waits.ts'

/** Something that acts at every rising edge of a clock, synchronously: cheaper than a coroutine. */
export interface Process {
  /** Just before the edge, all signals settled: what is read here is what the registers will see. Sets nothing. */
  sample?(): void
  /** Just after the edge: what is set here counts for the next one. */
  drive?(): void
  /** The design is back in its power-on state, with inputs 0. */
  restart?(): void
}

/** A clock with everyone who waits for it. */
interface Lane {
  readonly clock: Clock
  /** Index of the clock input in `words`; -1 for a clock that the design has not. */
  readonly word: number
  rising: Wait[]
  falling: Wait[]
  sampling: Wait[]
  conditions: Wait[]
  readonly processes: Set<Process>
}

const defaultLimit = 1_000_000
/** Cycles in one go before timers and messages of the process get their turn. */
const bulkCycles = 1 << 16
const loopCycles = 1 << 10
const stuckMilliseconds = 10_000

/**
 * Simulated time with coroutines. Time goes on only while the test itself waits, and only when every coroutine
 * waits; coroutines are resumed in the order of their waiting. So a bench is as deterministic as its design.
 */
export class Scheduler implements CoroutineOwner {
  readonly simulation: Simulation
  readonly #ticksPerUnit: number
  readonly #lanes: readonly Lane[]
  readonly #main: Lane
  /** One clock whose falling edge changes nothing: cycles are whole steps of the engine. */
  readonly #whole: boolean
  readonly #pump = new Pump(() => this.#advance())
  readonly #open = new Set<Wait>()
  readonly #coroutines = new Set<Coroutine<unknown>>()
  readonly #failures: unknown[] = []
  #timers: Wait[] = []
  #promises: Wait[] = []
  #now = 0
  #order = 0
  #mainWaits = 0
  #processCount = 0
  /** Everyone has seen the signals before the coming edge. */
  #sampled = false
  #closed = false
  #watchdog: NodeJS.Timeout | undefined

  constructor(simulation: Simulation, settings: Readonly<Record<string, ClockSetting>> = {}) {
    this.simulation = simulation
    const mainName = simulation.design.clock
    for (const name of Object.keys(settings)) {
      const port = simulation.ports.get(name)
      if (port?.direction !== 'input' || port.width !== 1) throw unknownClock(simulation, name)
    }
    const clockInputs = simulation.design.ports.filter((port) => port.clock)
    const given = Object.keys(settings).length > 0
    const { clocks, ticksPerUnit } = timeline(given ? settings : { [mainName || 'clk']: 1 })
    this.#ticksPerUnit = ticksPerUnit
    this.#lanes = clocks.map((clock) => ({
      clock,
      word: simulation.ports.get(clock.name)?.word ?? -1,
      rising: [],
      falling: [],
      sampling: [],
      conditions: [],
      processes: new Set<Process>(),
    }))
    this.#main = this.#lanes.find(({ clock }) => clock.name === mainName) ?? this.#lanes[0]!
    this.#whole =
      this.#lanes.length === 1 &&
      (!given || clockInputs.length === 0 || this.#main.clock.name === mainName) &&
      !clockInputs.some((port) => (port as { falls?: boolean }).falls)
  }

  /** Simulated time in the unit of the clocks' periods. */
  get time(): number {
    return this.#now / this.#ticksPerUnit
  }

  /** True while coroutines look at the signals just before an edge. */
  get sampling(): boolean {
    return this.#sampled
  }

  get clockNames(): string[] {
    return this.#lanes.map(({ clock }) => clock.name)
  }

  /** Rising edges of a clock since power-on. */
  rises(clock?: string): number {
    return this.#lane(clock).clock.rises
  }

  isClock(name: string): boolean {
    return this.#lanes.some(({ clock }) => clock.name === name)
  }

  /** True if nothing but the main clock makes the design go on: a stream may run inside WebAssembly. */
  get plain(): boolean {
    return this.#whole && this.#processCount === 0
  }

  waitRising(cycles: number, name?: string): Promise<number> {
    const { clock, rising } = this.#lane(name)
    const wait = this.wait(`a rising edge of ${clock.name}`)
    wait.target = clock.rises + cycles
    rising.push(wait)
    return wait.promise
  }

  waitFalling(cycles: number, name?: string): Promise<number> {
    const { clock, falling } = this.#lane(name)
    const wait = this.wait(`a falling edge of ${clock.name}`)
    wait.target = fallsOf(clock) + cycles
    falling.push(wait)
    return wait.promise
  }

  waitSample(name?: string): Promise<number> {
    const { clock, sampling } = this.#lane(name)
    const wait = this.wait(`the moment before a rising edge of ${clock.name}`)
    const seen = this.#sampled && !clock.high && clock.next === this.#due()
    wait.target = clock.rises + (seen ? 2 : 1)
    sampling.push(wait)
    return wait.promise
  }

  waitTime(duration: number): Promise<number> {
    const ticks = Math.round(duration * this.#ticksPerUnit)
    if (!(ticks >= 0))
      throw new GemgateError('GG_USAGE', `${duration} is no duration`, 'Give a time of 0 or more.')
    const wait = this.wait(`${duration} units of time`)
    wait.target = this.#now + ticks
    this.#timers.push(wait)
    return wait.promise
  }

  waitCondition(holds: () => boolean, what: string, limit = defaultLimit, name?: string): Promise<number> {
    const { clock, conditions } = this.#lane(name)
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
    wait.start = this.#main.clock.rises
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
    const { processes } = this.#lane(clock)
    processes.add(process)
    this.#processCount++
    return () => {
      if (processes.delete(process)) this.#processCount--
    }
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
    const { clock } = this.#lane(name)
    const start = clock.rises
    if (this.simulation.finished && cycles > 0) throw finishedError(this.simulation, `${cycles} cycles`)
    while (clock.rises < start + cycles && !this.simulation.finished)
      this.#turn(start + cycles - clock.rises, clock)
    return clock.rises - start
  }

  /** Synchronous clocking would pass by a coroutine that waits for an edge. */
  assertAlone(): void {
    const [first] = [...this.#coroutines].map(({ name }) => name)
    const [wait] = this.#open
    if (first === undefined && !wait) return
    throw new GemgateError(
      'GG_USAGE',
      `the clock cannot be run in one go: ${first ?? `someone waits for ${wait!.what}`}${first ? ' is running' : ''}`,
      'Use `await dut.clock(n)` beside coroutines, or let them end first.',
    )
  }

  /** Cycles of the main clock that something else has done. */
  passed(cycles: number): void {
    const { clock } = this.#main
    if (cycles === 0) return
    clock.rises += cycles
    clock.high = true
    this.#now = clock.riseTime(clock.rises)
  }

  /** Time starts again at 0; whoever waits goes on waiting for as long as before. */
  restart(): void {
    for (const { clock, rising, falling, sampling, conditions } of this.#lanes) {
      for (const wait of [...rising, ...sampling]) wait.target -= clock.rises
      for (const wait of falling) wait.target -= fallsOf(clock)
      for (const wait of conditions) wait.start -= clock.rises
      if (clock === this.#main.clock) for (const wait of this.#promises) wait.start -= clock.rises
      clock.restart()
    }
    for (const timer of this.#timers) timer.target -= this.#now
    this.#now = 0
    this.#sampled = false
    for (const { processes } of this.#lanes) for (const process of processes) process.restart?.()
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

  /** One turn of the pump. @returns true if it should have another without a pause */
  #advance(): boolean {
    clearTimeout(this.#watchdog)
    this.#watchdog = undefined
    if (this.#closed || this.#mainWaits === 0) return false
    try {
      if (this.#someoneWaitsForTime()) {
        const passive = this.#promises.length > 0 && this.#processCount > 0
        const ready = this.#turn(passive ? 1 : bulkCycles)
        for (const wait of ready) wait.resume()
        if (ready.length === 0) this.#checkLimits()
      } else if (this.#promises.length > 0 || this.#processCount > 0) {
        this.#turn(1)
        this.#checkLimits()
      } else {
        this.#nothingWillCome()
        return false
      }
      if (this.simulation.finished) this.#finish()
    } catch (error) {
      this.#sampled = false
      this.#failMain(() => error)
    }
    return this.#open.size > 0
  }

  /** Goes on to where someone can be resumed, or by `most` cycles. @returns who is due, in the order of waiting */
  #turn(most: number, until?: Clock): Wait[] {
    const ready: Wait[] = []
    this.#passFall()
    if (this.#sampleFirst(ready)) return ready
    if (this.#whole && this.#processCount === 0) {
      const cycles = this.#undisturbed(most)
      if (cycles > 0) {
        this.#bulk(cycles)
        this.#collect(ready)
        return ready
      }
    }
    const end = Math.min(most, loopCycles)
    for (let cycle = 0; cycle < end && ready.length === 0 && !this.simulation.finished; ) {
      const due = this.#due()
      const timer = this.#nextTimer()
      if (timer < due) {
        this.#now = timer
        this.#collect(ready)
        break
      }
      const rose = this.#instant(due, until ?? this.#main.clock)
      this.#collect(ready)
      if (rose) cycle++
      this.#passFall()
      if (ready.length === 0 && this.#sampleFirst(ready)) break
    }
    return ready
  }

  /** A falling edge that changes nothing and that nobody waits for needs no instant of its own. */
  #passFall(): void {
    const { clock, falling } = this.#main
    if (this.#whole && clock.high && falling.length === 0) clock.toggle()
  }

  /** Lets those who asked look at the signals before the coming edge. @returns true if there were any */
  #sampleFirst(ready: Wait[]): boolean {
    if (this.#sampled) {
      this.#sampled = false
      return false
    }
    const due = this.#due()
    for (const lane of this.#lanes) {
      const { clock, sampling } = lane
      if (sampling.length === 0 || clock.high || clock.next !== due || this.#nextTimer() < due) continue
      lane.sampling = sampling.filter((wait) => {
        if (wait.target > clock.rises + 1) return true
        ready.push(wait)
        return false
      })
    }
    if (ready.length === 0) return false
    this.#now = due
    this.simulation.refresh()
    ready.sort(byOrder)
    this.#sampled = true
    return true
  }

  /** Whole cycles until the first one after which someone must be resumed; 0 if every edge has to be looked at. */
  #undisturbed(most: number): number {
    const { clock, rising, falling, sampling, conditions } = this.#main
    if (falling.length > 0 || sampling.length > 0 || conditions.length > 0) return 0
    let cycles = most
    for (const { target } of rising) cycles = Math.min(cycles, target - clock.rises)
    for (const { target } of this.#timers)
      cycles = Math.min(cycles, Math.floor((target - clock.first) / (2 * clock.half)) + 1 - clock.rises)
    return Math.max(0, cycles)
  }

  #bulk(cycles: number): void {
    const before = this.simulation.cycle
    try {
      this.simulation.step(cycles)
    } finally {
      this.passed(this.simulation.cycle - before)
    }
  }

  #due(): number {
    if (this.#lanes.length === 1) return this.#main.clock.next
    let due = Infinity
    for (const { clock } of this.#lanes) due = Math.min(due, clock.next)
    return due
  }

  #nextTimer(): number {
    let next = Infinity
    for (const { target } of this.#timers) next = Math.min(next, target)
    return next
  }

  /** Every edge that is due at this time, together. @returns true if `watched` rose */
  #instant(due: number, watched: Clock): boolean {
    const { simulation } = this
    const lanes = this.#lanes.filter(({ clock }) => clock.next === due)
    const processes: Process[] = []
    for (const { clock, processes: attached } of lanes) if (!clock.high) processes.push(...attached)
    this.#now = due
    if (processes.length > 0) {
      simulation.refresh()
      for (const process of processes) process.sample?.()
    }
    let rose = false
    for (const { clock, word } of lanes) {
      clock.toggle()
      if (!this.#whole) simulation.words[word] = Number(clock.high)
      rose ||= clock === watched && clock.high
    }
    if (!this.#whole) simulation.settle()
    else if (this.#main.clock.high) simulation.step()
    for (const process of processes) process.drive?.()
    return rose
  }

  /** Takes out everyone whose time has come, in the order of waiting. */
  #collect(ready: Wait[]): void {
    for (const lane of this.#lanes) {
      const { clock } = lane
      if (lane.rising.length > 0) lane.rising = take(lane.rising, clock.rises, ready)
      if (lane.falling.length > 0) lane.falling = take(lane.falling, fallsOf(clock), ready)
      if (lane.conditions.length > 0 && clock.high && clock.riseTime(clock.rises) === this.#now)
        lane.conditions = this.#test(lane.conditions, clock, ready)
    }
    if (this.#timers.length > 0) this.#timers = take(this.#timers, this.#now, ready)
    if (ready.length > 1) ready.sort(byOrder)
  }

  #test(conditions: readonly Wait[], clock: Clock, ready: Wait[]): Wait[] {
    return conditions.filter((wait) => {
      const passed = clock.rises - wait.start
      try {
        if (wait.holds!()) wait.value = passed
        else if (passed < wait.limit) return true
        else wait.failure = { error: timeoutError(wait.what, passed, clock.name) }
      } catch (error) {
        wait.failure = { error }
      }
      ready.push(wait)
      return false
    })
  }

  #checkLimits(): void {
    const { clock } = this.#main
    this.#promises = this.#promises.filter((wait) => {
      const passed = clock.rises - wait.start
      if (passed < wait.limit) return true
      wait.fail(timeoutError(wait.what, passed, clock.name))
      return false
    })
  }

  #someoneWaitsForTime(): boolean {
    return (
      this.#timers.length > 0 ||
      this.#lanes.some(
        ({ rising, falling, sampling, conditions }) =>
          rising.length + falling.length + sampling.length + conditions.length > 0,
      )
    )
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
    for (const { rising } of this.#lanes)
      for (const wait of rising) if (wait.owner === undefined) wait.resume()
    this.#failMain((wait) => finishedError(this.simulation, wait.what))
    for (const coroutine of [...this.#coroutines]) coroutine.cancel()
  }

  #failMain(error: (wait: Wait) => unknown): void {
    this.#drop((wait) => wait.owner === undefined, error)
  }

  #drop(which: (wait: Wait) => boolean, error: (wait: Wait) => unknown): void {
    const keep = (waits: readonly Wait[]) => waits.filter((wait) => !which(wait))
    for (const lane of this.#lanes) {
      lane.rising = keep(lane.rising)
      lane.falling = keep(lane.falling)
      lane.sampling = keep(lane.sampling)
      lane.conditions = keep(lane.conditions)
    }
    this.#timers = keep(this.#timers)
    this.#promises = keep(this.#promises)
    for (const wait of [...this.#open]) if (which(wait)) wait.fail(error(wait))
  }

  #lane(name?: string): Lane {
    const lane = name === undefined ? this.#main : this.#lanes.find(({ clock }) => clock.name === name)
    if (lane) return lane
    throw unknownClock(this.simulation, name!, this.clockNames)
  }
}

const byOrder = (a: Wait, b: Wait): number => a.order - b.order

const fallsOf = (clock: Clock): number => clock.rises - Number(clock.high)

function take(waits: Wait[], reached: number, ready: Wait[]): Wait[] {
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

function closedError(what: string): GemgateError {
  return new GemgateError(
    'GG_CLOSED',
    `the simulation was closed while waiting for ${what}`,
    'Close it last.',
  )
}
