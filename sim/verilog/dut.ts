import { GemgateError } from '../../src/core/errors.ts'
import type { ClockSetting } from './bench/clocks.ts'
import { isCount, notCycles } from './bench/errors.ts'
import type { Process } from './bench/lanes.ts'
import { type MemoryView, memoryView } from './bench/memory-view.ts'
import { type PortAccess, portAccess, portView } from './bench/ports.ts'
import { type ResetOptions, resetInputs } from './bench/resets.ts'
import { Scheduler } from './bench/scheduler.ts'
import type { StreamOptions, StreamResult } from './bench/stream/options.ts'
import { runStream } from './bench/stream/stream.ts'
import type { Coroutine } from './bench/waits.ts'
import { compileVerilog, type VerilogOptions } from './compile.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'

/** The ports of a module as types: numbers up to 32 bits, bigints above. */
export interface PortTypes {
  readonly in: object
  readonly out: object
}

/** Ports whose names and widths the type does not know. */
export interface AnyPorts {
  in: Record<string, number | bigint>
  out: Record<string, number | bigint>
}

export interface DutOptions {
  /**
   * The clocks that run, with their periods in a unit of your choice: `{ clk: 10, aclk: { period: 7, phase: 3 } }`.
   * By default the main clock alone, with period 1.
   */
  readonly clocks?: Readonly<Record<string, ClockSetting>>
}

export interface UntilOptions {
  /** Cycles after which it is a GG_SIM_TIMEOUT, default 1 000 000. */
  readonly limit?: number
  /** The clock that counts and at whose rising edges the condition is looked at. */
  readonly clock?: string
  /** What is waited for, in words for the error message. */
  readonly what?: string
}

/** Compiles and starts a design, for tests: `dut.in.a = 1; await dut.clock(); expect(dut.out.q).toBe(1)`. */
export async function simulate<P extends PortTypes = AnyPorts>(
  sources: string | readonly string[],
  options: VerilogOptions & SimulationOptions & DutOptions = {},
): Promise<Dut<P>> {
  return dutOf<P>(new Simulation(await compileVerilog(sources, options), options), options)
}

const listeners = new Set<(dut: Dut) => void>()

/**
 * Hears of every design under test that is made, for example to record it or to close it after a test.
 * @returns ends the listening
 */
export function onDut(listener: (dut: Dut) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The test bench view of a running simulation. */
export function dutOf<P extends PortTypes = AnyPorts>(
  simulation: Simulation,
  options: DutOptions = {},
): Dut<P> {
  const dut = new Dut<P>(simulation, options)
  for (const listener of listeners) listener(dut as Dut<never>)
  return dut
}

/**
 * A design under test: its ports as properties, its clocks, and the coroutines of its test bench.
 * After a wait for a rising edge the outputs are those just after the edge, and inputs set then count for the next one.
 */
export class Dut<P extends PortTypes = AnyPorts> {
  /** Inputs: assign, or read back. `signed` ports are negative where their top bit is set. */
  readonly in: P['in']
  /** Outputs: read. */
  readonly out: Readonly<P['out']>
  readonly simulation: Simulation
  /** Time and coroutines: what bus agents build on. */
  readonly scheduler: Scheduler
  readonly #access = new Map<string, PortAccess>()

  constructor(simulation: Simulation, options: DutOptions = {}) {
    this.simulation = simulation
    this.scheduler = new Scheduler(simulation, options.clocks)
    this.in = portView(simulation, 'input', (name) => this.#guarded(this.port(name)))
    this.out = portView(simulation, 'output', (name) => this.port(name)) as P['out']
  }

  /** Simulated time in the unit of the clocks' periods; with the default clock, cycles. */
  get time(): number {
    return this.scheduler.time
  }

  /** True once the design has called `$finish` or `$stop`. */
  get finished(): boolean {
    return this.simulation.finished
  }

  /** Waits for a number of rising edges, one by default. Returns early when the design calls `$finish`. */
  async clock(cycles = 1, clock?: string): Promise<void> {
    this.#assertCycles(cycles, clock)
    if (cycles > 0) await this.scheduler.waitRising(cycles, clock)
  }

  /** Sets an input to 1 for some cycles, one by default, and then to 0. */
  async pulse(name: string, cycles = 1, clock?: string): Promise<void> {
    this.#assertCycles(cycles, clock)
    this.#set(name, 1)
    await this.clock(cycles, clock)
    this.#set(name, 0)
  }

  /** Waits for the next rising edge of a clock, or until another 1-bit port goes from 0 to 1. */
  async rising(name?: string, options: UntilOptions = {}): Promise<void> {
    if (name === undefined || this.scheduler.isClock(name)) await this.scheduler.waitRising(1, name)
    else await this.#change(name, 1, options)
  }

  /** Waits for the next falling edge of a clock, or until another 1-bit port goes from 1 to 0. */
  async falling(name?: string, options: UntilOptions = {}): Promise<void> {
    if (name === undefined || this.scheduler.isClock(name)) await this.scheduler.waitFalling(1, name)
    else await this.#change(name, 0, options)
  }

  /**
   * Waits for the moment just before the next rising edge, when every coroutine has set its inputs: what is read then
   * is what the edge will see. Inputs cannot be set until the edge has passed.
   */
  async sample(clock?: string): Promise<void> {
    await this.scheduler.waitSample(clock)
  }

  /** Waits for a time in the unit of the clocks' periods, rounded to a 2000th of it or finer. */
  async delay(time: number): Promise<void> {
    await this.scheduler.waitTime(time)
  }

  /**
   * Clocks until a condition holds, a port is not 0, or a promise settles. What holds already needs no clock.
   * @param options or the limit alone
   * @returns the cycles waited, or the value of the promise
   * @throws GemgateError GG_SIM_TIMEOUT after `limit` cycles
   */
  until(
    condition: (() => boolean | number | bigint) | string,
    options?: UntilOptions | number,
  ): Promise<number>
  until<T>(promise: PromiseLike<T>, options?: UntilOptions | number): Promise<T>
  async until(
    condition: (() => boolean | number | bigint) | string | PromiseLike<unknown>,
    given: UntilOptions | number = {},
  ): Promise<unknown> {
    const options = typeof given === 'number' ? { limit: given } : given
    const { limit, clock } = options
    if (typeof condition === 'object' && typeof condition?.then !== 'function')
      throw new GemgateError(
        'GG_USAGE',
        `${String(condition)} is nothing that can be waited for`,
        'Give a condition, the name of a port, or a promise.',
      )
    if (typeof condition === 'object')
      return this.scheduler.waitPromise(condition, options.what ?? 'a promise', limit, clock)
    if (typeof condition === 'function')
      return this.scheduler.waitCondition(condition, options.what ?? sourceOf(condition), limit, clock)
    const { read } = this.port(condition)
    return this.scheduler.waitCondition(() => BigInt(read()) !== 0n, options.what ?? condition, limit, clock)
  }

  /**
   * Clocks on at once, inside the engine.
   * @returns the cycles done: fewer if the design calls `$finish`
   */
  run(cycles: number, clock?: string): number {
    this.#assertCycles(cycles, clock)
    return this.scheduler.run(cycles, clock)
  }

  /**
   * Feeds whole arrays into streams of the design and takes what comes out, with random pauses on all sides, by the
   * rules of AXI4-Stream; inside WebAssembly where the engine allows it.
   * `dut.stream({ source: 's_axis', sink: 'm_axis', items, stall: 0.3 }).data`
   * @throws GemgateError GG_BUS when an offer is withdrawn or changed before it is taken, GG_SIM_TIMEOUT when the
   *   design is stuck, GG_PORT and GG_USAGE
   */
  stream(options: StreamOptions): StreamResult {
    return runStream(this.scheduler, options)
  }

  /** Brings outputs up to date with inputs, without a clock edge; reading an output does that by itself. */
  settle(): void {
    this.simulation.settle()
  }

  /**
   * Starts a coroutine beside the test. Time goes on while the test waits, and only when every coroutine waits. A failure
   * fails the test at its wait.
   */
  fork<T>(body: () => Promise<T> | T, name?: string): Coroutine<T> {
    return this.scheduler.fork(body, name)
  }

  /**
   * Calls a process at every rising edge of a clock, much faster than a coroutine.
   * @returns ends it
   */
  process(process: Process, clock?: string): () => void {
    return this.scheduler.attach(process, clock)
  }

  /** Back to the power-on state, at time 0; inputs become 0. */
  reset(): void {
    this.simulation.reset()
    this.scheduler.restart()
  }

  /**
   * Pulls the reset inputs for some cycles: those with a usual name (`rst`, `reset`, `rst_n`, `aresetn`...). Bus agents
   * pause meanwhile; transfers in flight are lost, what they have queued is not.
   * @throws GemgateError GG_PORT if there is none
   */
  async applyReset(options: ResetOptions = {}): Promise<void> {
    const { cycles = 2, clock } = options
    const inputs = resetInputs(this.simulation, options)
    this.#assertCycles(cycles, clock)
    for (const { name, active } of inputs) this.#set(name, active)
    this.scheduler.resetting = true
    try {
      this.simulation.settle()
      await this.clock(cycles, clock)
      for (const { name, active } of inputs) this.#set(name, 1 - active)
      this.simulation.settle()
    } finally {
      this.scheduler.resetting = false
    }
  }

  /** A register by its hierarchical name (`unit.state`). */
  peek(name: string): number | bigint {
    return this.simulation.peek(name)
  }

  poke(name: string, value: number | bigint): void {
    this.simulation.poke(name, value)
  }

  /** A memory by its hierarchical name. */
  memory(name: string): MemoryView {
    return memoryView(this.simulation, name)
  }

  /** Fast access to one port. @throws GemgateError GG_PORT */
  port(name: string): PortAccess {
    const known = this.#access.get(name)
    if (known) return known
    const access = portAccess(this.simulation, name)
    this.#access.set(name, access)
    return access
  }

  /** Ends all coroutines and frees the engine. @throws the failure of a coroutine that nobody has heard of */
  close(): void {
    try {
      this.scheduler.close()
    } finally {
      this.simulation.close()
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #assertCycles(cycles: number, clock?: string): void {
    if (!isCount(cycles)) throw notCycles(cycles)
    this.scheduler.assertClock(clock)
  }

  #set(name: string, level: number): void {
    ;(this.in as Record<string, number>)[name] = level
  }

  #guarded(access: PortAccess): PortAccess {
    const { port, write } = access
    return {
      ...access,
      write: (value) => {
        if (this.scheduler.sampling)
          throw new GemgateError(
            'GG_USAGE',
            `the input ${port.name} was set between sample() and the clock edge`,
            'Wait for `rising()` first: then it counts for the edge after that.',
          )
        write(value)
      },
    }
  }

  async #change(name: string, level: 0 | 1, options: UntilOptions): Promise<void> {
    const { port, read } = this.port(name)
    if (port.width !== 1)
      throw new GemgateError('GG_PORT', `${name} has ${port.width} bits`, 'Edges are for ports of one bit.')
    let last = read()
    const changed = () => {
      const now = read()
      const edge = now === level && last !== level
      last = now
      return edge
    }
    const what = options.what ?? `a ${level === 1 ? 'rising' : 'falling'} edge of ${name}`
    await this.scheduler.waitCondition(changed, what, options.limit, options.clock)
  }
}

/** The text of a condition, for messages. */
function sourceOf(condition: () => unknown): string {
  const text = condition
    .toString()
    .replace(/^\s*(?:async\s*)?\(\s*\)\s*=>\s*/, '')
    .replace(/\s+/g, ' ')
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
