import { GemgateError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'
import { type Clock, type ClockSetting, timeline } from './clocks.ts'
import { unknownClock } from './errors.ts'
import { Lane, type Process, takeReached } from './lanes.ts'
import type { Wait } from './waits.ts'

/** Cycles in one go before timers and messages of the process get their turn. */
const bulkCycles = 1 << 16
const loopCycles = 1 << 10

/** Simulated time: moves the clocks of a design from one edge to the next, and tells who is due. */
export class Clockwork {
  readonly simulation: Simulation
  readonly lanes: readonly Lane[]
  /** The lane that counts where no clock is named. */
  readonly main: Lane
  readonly ticksPerUnit: number
  timers: Wait[] = []
  now = 0
  /** Everyone has seen the signals before the coming edge. */
  sampled = false
  /** One clock whose falling edge changes nothing: cycles are whole steps of the engine. */
  readonly #whole: boolean
  #processes = 0

  constructor(simulation: Simulation, settings: Readonly<Record<string, ClockSetting>>) {
    this.simulation = simulation
    const mainName = simulation.design.clock
    for (const name of Object.keys(settings)) {
      const port = simulation.ports.get(name)
      if (port?.direction !== 'input' || port.width !== 1) throw unknownClock(simulation, name)
    }
    const given = Object.keys(settings).length > 0
    const { clocks, ticksPerUnit } = timeline(given ? settings : { [mainName || 'clk']: 1 })
    this.ticksPerUnit = ticksPerUnit
    this.lanes = clocks.map((clock) => new Lane(simulation, clock))
    this.main = this.lanes.find(({ clock }) => clock.name === mainName) ?? this.lanes[0]!
    const inputs = simulation.design.ports.filter((port) => port.clock)
    this.#whole =
      this.lanes.length === 1 &&
      (inputs.length === 0 || this.main.clock.name === mainName) &&
      !inputs.some((port) => port.falls)
  }

  /** True if nothing but the main clock makes the design go on. */
  get isPlain(): boolean {
    return this.#whole && this.#processes === 0
  }

  get hasProcesses(): boolean {
    return this.#processes > 0
  }

  /** True if someone waits for an edge or a time. */
  get isWaitedFor(): boolean {
    return this.timers.length > 0 || this.lanes.some((lane) => lane.isWaitedFor)
  }

  /** @throws GemgateError GG_PORT */
  lane(name?: string): Lane {
    const lane = name === undefined ? this.main : this.lanes.find(({ clock }) => clock.name === name)
    if (lane) return lane
    const known = this.lanes.map(({ clock }) => clock.name)
    throw unknownClock(this.simulation, name!, known)
  }

  /** @returns ends it */
  attach(process: Process, clock?: string): () => void {
    const { processes } = this.lane(clock)
    processes.add(process)
    this.#processes++
    return () => {
      if (processes.delete(process)) this.#processes--
    }
  }

  /** Tick of the next edge of any clock. */
  get due(): number {
    let due = this.main.clock.next
    if (this.lanes.length > 1) for (const { clock } of this.lanes) due = Math.min(due, clock.next)
    return due
  }

  /**
   * Goes on to where someone can be resumed, or for some cycles of a clock, not necessarily all that are asked for.
   * @returns who is due, in the order of waiting
   */
  advance(most = bulkCycles, watched: Clock = this.main.clock): Wait[] {
    const ready: Wait[] = []
    const end = Math.min(most, loopCycles)
    for (let cycle = 0; cycle < end && ready.length === 0 && !this.simulation.finished; ) {
      this.#passFall()
      if (this.#sampleFirst(ready)) break
      const cycles = cycle === 0 && this.isPlain ? this.main.undisturbed(most, this.timers) : 0
      if (cycles > 0) {
        this.#bulk(cycles)
        return this.#takeReached(ready)
      }
      const { due } = this
      const timer = this.#nextTimer()
      if (timer < due) {
        this.now = timer
        return this.#takeReached(ready)
      }
      if (this.#edges(due, watched)) cycle++
      this.#takeReached(ready)
    }
    return ready
  }

  /** Who is due now, after an error. */
  reached(): Wait[] {
    return this.#takeReached([])
  }

  /** Cycles of the main clock that something else has done. */
  passed(cycles: number): void {
    const { clock } = this.main
    if (cycles === 0) return
    this.sampled = false
    clock.rises += cycles
    clock.high = true
    this.now = clock.riseTime(clock.rises)
  }

  keep(which: (wait: Wait) => boolean): void {
    for (const lane of this.lanes) lane.keep(which)
    this.timers = this.timers.filter(which)
  }

  /** Time starts again at 0. */
  restart(): void {
    for (const lane of this.lanes) lane.restart()
    for (const timer of this.timers) timer.target -= this.now
    this.now = 0
    this.sampled = false
    this.restartProcesses()
  }

  restartProcesses(): void {
    for (const { processes } of this.lanes) for (const process of processes) process.restart?.()
  }

  /** A falling edge that changes nothing and that nobody waits for needs no instant of its own. */
  #passFall(): void {
    const { clock, falling } = this.main
    if (this.#whole && clock.high && falling.length === 0 && this.#nextTimer() >= clock.next) clock.toggle()
  }

  /** Lets those who asked look at the signals before the coming edge. @returns true if there were any */
  #sampleFirst(ready: Wait[]): boolean {
    if (this.sampled) {
      this.sampled = false
      return false
    }
    let asked = 0
    for (const { sampling } of this.lanes) asked += sampling.length
    if (asked === 0) return false
    const { due } = this
    if (this.#nextTimer() < due) return false
    const rising = this.lanes.filter(({ clock }) => !clock.high && clock.next === due)
    if (rising.length > 0) this.simulation.refresh()
    for (const lane of rising) lane.takeSampling(ready)
    if (ready.length === 0) return false
    this.now = due
    ready.sort(byOrder)
    this.sampled = true
    return true
  }

  #bulk(cycles: number): void {
    const before = this.simulation.cycle
    try {
      this.simulation.step(cycles)
    } finally {
      this.passed(this.simulation.cycle - before)
    }
  }

  #nextTimer(): number {
    let next = Infinity
    for (const { target } of this.timers) next = Math.min(next, target)
    return next
  }

  /**
   * Every edge that is due at this time, together, for all processes even if one of them fails.
   * @returns true if `watched` rose
   * @throws the first error
   */
  #edges(due: number, watched: Clock): boolean {
    const { simulation } = this
    const lanes = this.lanes.filter(({ clock }) => clock.next === due)
    const processes: Process[] = []
    for (const { clock, processes: attached } of lanes) if (!clock.high) processes.push(...attached)
    const errors: unknown[] = []
    this.now = due
    if (processes.length > 0) {
      simulation.refresh()
      callAll(processes, 'sample', errors)
    }
    let rose = false
    for (const { clock, word } of lanes) {
      clock.toggle()
      if (!this.#whole) this.#setLevel(word, clock)
      rose ||= clock === watched && clock.high
    }
    try {
      if (!this.#whole) simulation.settle()
      else if (this.main.clock.high) simulation.step()
    } catch (error) {
      errors.push(error)
    }
    callAll(processes, 'drive', errors)
    if (errors.length > 0) throw errors[0]
    return rose
  }

  #setLevel(word: number, { name, high }: Clock): void {
    if (word < 0)
      throw new GemgateError(
        'GG_USAGE',
        `${this.simulation.design.top} has several clocks, and none is called ${name}`,
        'Name those that run: `{ clocks: { wr_clk: 10, rd_clk: 7 } }`.',
      )
    this.simulation.words[word] = Number(high)
  }

  /** Takes out everyone whose time has come. */
  #takeReached(ready: Wait[]): Wait[] {
    for (const lane of this.lanes) lane.takeReached(this.now, ready)
    if (this.timers.length > 0) this.timers = takeReached(this.timers, this.now, ready)
    if (ready.length > 1) ready.sort(byOrder)
    return ready
  }
}

function callAll(processes: readonly Process[], phase: 'sample' | 'drive', errors: unknown[]): void {
  for (const process of processes)
    try {
      process[phase]?.()
    } catch (error) {
      errors.push(error)
    }
}

const byOrder = (a: Wait, b: Wait): number => a.order - b.order
