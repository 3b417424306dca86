import { GemgateError } from '../../src/core/errors.ts'
import type { MemoryInfo, Port, Probe } from './compiler/layout.ts'
import type { CheckInfo, EngineDesign, EngineInstance, EngineKernel } from './engine.ts'
import { simulationStarted } from './waveform/started.ts'

export interface SimulationOptions {
  /** Receives `$display` and `$write`; by default they go to standard output. */
  readonly onPrint?: (text: string) => void
  /**
   * What a failing assert or assume does: `throw` (the default) ends the running call with GG_ASSERTION, `collect`
   * only adds it to `violations`.
   */
  readonly assertions?: 'throw' | 'collect'
}

/** An assert or assume that did not hold, and when. */
export interface Violation extends CheckInfo {
  /** Cycles of the main clock since power-on, the one in which it happened included. */
  readonly cycle: number
}

/** Hears of everything that changes a simulation, before it happens: what a recording needs. */
export interface SimulationObserver {
  /** `cycles` of the main clock with the inputs as they are in memory. */
  run(cycles: number): void
  settle(): void
  /** A register or, with an index, a word of a memory is set. */
  poke(name: string, index: number | undefined, value: bigint): void
  reset(): void
  /**
   * A stream of a test bench is about to run inside WebAssembly.
   * @param replay does exactly the same with another simulation of the design in the same state, cycle by cycle. An
   *   observer without this method hears of each cycle instead, and the stream is slower.
   */
  stream?(replay: (other: Simulation) => void): void
  /** The engine's memory is about to go. */
  close(): void
}

/**
 * One running instance of a design, in its power-on state. Two-state: unknown values are 0, and so is a
 * quotient or remainder by zero. Numbers are unsigned; up to 32 bits they are numbers, above bigints.
 */
export class Simulation {
  readonly design: EngineDesign
  readonly ports: ReadonlyMap<string, Port>
  /** Linear memory as 32-bit words: the hot path to ports, by `word(name)`. */
  readonly words: Int32Array
  /** Failing assertions so far. */
  readonly violations: readonly Violation[]
  observer: SimulationObserver | undefined
  readonly #engine: EngineInstance
  readonly #bytes: Uint8Array
  readonly #probes = new Map<string, Probe>()
  readonly #memories = new Map<string, MemoryInfo>()
  readonly #settles: boolean
  readonly #inputWords: Int32Array
  readonly #inputsSeen: Int32Array
  /** Computed outputs may be out of date even if no input changes. */
  #stale = true
  #unheard = false
  readonly #options: SimulationOptions
  readonly #violations: Violation[] = []
  #unreported = 0
  #cycle = 0
  #clockLevel = 0
  readonly #clockWord: number
  #finished = false

  constructor(design: EngineDesign, options: SimulationOptions = {}) {
    this.#engine = design.instantiate({
      print: (text) => (options.onPrint ? options.onPrint(text) : process.stdout.write(text)),
      violated: (check, cycle) => {
        this.#violations.push({ ...check, cycle })
        return options.assertions !== 'collect'
      },
      finish: () => {
        this.#finished = true
      },
    })
    this.design = design
    this.#options = options
    this.violations = this.#violations
    this.ports = new Map(design.ports.map((port) => [port.name, port]))
    this.words = this.#engine.words
    this.#clockWord = this.ports.get(design.clock)?.word ?? -1
    this.#bytes = this.#engine.bytes
    this.#settles = design.ports.some((port) => !port.registered)
    const inputs = design.ports.filter((port) => port.direction === 'input')
    const inputWords = inputs.flatMap(({ word, width }) =>
      Array.from({ length: Math.ceil(width / 32) }, (_, i) => word + i),
    )
    this.#inputWords = Int32Array.from(inputWords)
    this.#inputsSeen = new Int32Array(inputWords.length)
    for (const probe of design.probes) this.#probes.set(probe.name, probe)
    for (const memory of design.memories) this.#memories.set(memory.name, memory)
    simulationStarted(this)
  }

  /** Cycles of the main clock since power-on. */
  get cycle(): number {
    return this.#cycle
  }

  /** True once the design has called `$finish` or `$stop`. */
  get finished(): boolean {
    return this.#finished
  }

  /** How often each cover statement came true. */
  get covers(): readonly { readonly check: CheckInfo; readonly count: number }[] {
    return this.#engine.coverCounts()
  }

  /**
   * Clocks the design: full cycles of the main clock, with the inputs as they are now.
   * @throws GemgateError GG_ASSERTION at the end of the cycle in which an assertion fails, GG_FINISHED when the
   *   design had already ended the simulation
   */
  step(cycles = 1): void {
    if (!Number.isInteger(cycles) || cycles < 0)
      throw new GemgateError(
        'GG_USAGE',
        `${cycles} is no number of cycles`,
        'Give a whole number, 0 or more.',
      )
    if (this.#finished && cycles > 0)
      throw new GemgateError(
        'GG_FINISHED',
        `${this.design.top} has ended the simulation with $finish after ${this.#cycle} cycles`,
        'Look at `finished` before clocking on, or call reset().',
      )
    this.observer?.run(cycles)
    this.#stale = true
    this.#countEdge()
    this.#cycle += this.#engine.run(cycles)
    this.#clockLevel = this.#levelOfClock()
    this.#report()
  }

  /** One clock cycle, without a wrapper around it: no observer, no violations thrown, no cycle counted. */
  get stepFunction(): () => void {
    // nobody hears of its cycles: from now on outputs may always be out of date
    this.#unheard = true
    return this.#engine.step
  }

  /** What code inside WebAssembly needs to clock the design by itself, where the engine allows that. */
  get kernel(): EngineKernel | undefined {
    return this.#engine.kernel
  }

  /**
   * Cycles that other code does with the `kernel`; the observer must have heard of them.
   * @param work returns the cycles that it has done
   */
  bulk(work: () => number): void {
    this.#stale = true
    this.#cycle += this.#engine.kernel!.run(work)
    this.#clockLevel = this.#levelOfClock()
    this.#report()
  }

  /** Brings registers and outputs up to date with the inputs, edges of clock inputs included. */
  settle(): void {
    this.observer?.settle()
    this.#countEdge()
    this.#stale = true
    this.#engine.settle()
    this.#report()
  }

  /** The value of a port; combinational outputs are settled first. */
  get(name: string): number | bigint {
    const port = this.#port(name)
    if (!port.registered) this.refresh()
    return this.#read(port.word, port.width)
  }

  /**
   * Brings outputs up to date if anything has changed since that was done, inputs set through `words` included. State set
   * through `words` needs `settle`.
   */
  refresh(): void {
    if (!this.#settles || !this.#isStale()) return
    this.observer?.settle()
    this.#countEdge()
    if (this.#engine.refresh) this.#engine.refresh()
    else this.#engine.settle()
    this.#stale = false
    this.#report()
  }

  /** Looks whether the design moved or an input changed, and remembers the inputs. */
  #isStale(): boolean {
    const [places, seen] = [this.#inputWords, this.#inputsSeen]
    let stale = this.#stale || this.#unheard
    for (let i = 0; i < places.length; i++) {
      const value = this.words[places[i]!]!
      if (value === seen[i]) continue
      seen[i] = value
      stale = true
    }
    return stale
  }

  /** Sets an input. Ports declared `signed` also take negative values. A clock input works at the next `settle()`. */
  set(name: string, value: number | bigint): void {
    const port = this.#port(name)
    if (port.direction !== 'input')
      throw new GemgateError('GG_PORT', `the port ${name} is an output`, 'Only inputs can be set.')
    this.#write(port.word, port.width, checkRange(port, value))
  }

  /** Index in `words` of a port's lowest word. A computed output is up to date only after `settle()`. */
  word(name: string): number {
    return this.#port(name).word
  }

  /** True if the port can be read from `words` without `settle()`. */
  isRegistered(name: string): boolean {
    return this.#port(name).registered
  }

  /** Back to the power-on state; inputs become 0. */
  reset(): void {
    this.observer?.reset()
    this.#stale = true
    this.#cycle = 0
    this.#clockLevel = 0
    this.#finished = false
    this.#violations.length = 0
    this.#unreported = 0
    // what an initial block has to say comes now
    this.#engine.reset()
  }

  /** Frees what the engine holds; the simulation must not be used any more. */
  close(): void {
    this.observer?.close()
    this.#engine.close()
  }

  /** The value of an internal register by its hierarchical name (`unit.state`). */
  peek(name: string): number | bigint {
    const probe = this.#probe(name)
    let value = 0n
    let at = 0n
    for (const { address, offset, length } of probe.runs) {
      if (address >= 0) {
        const bits = BigInt(this.#read(address / 4, offset + length)) >> BigInt(offset)
        value |= BigInt.asUintN(length, bits) << at
      }
      at += BigInt(length)
    }
    return probe.width <= 32 ? Number(value) : value
  }

  /** Sets an internal register by its hierarchical name. Bits that the logic never changes stay as they are. */
  poke(name: string, value: number | bigint): void {
    const probe = this.#probe(name)
    const bits = checkRange({ ...probe, signed: true }, value)
    this.observer?.poke(name, undefined, bits)
    this.#stale = true
    let at = 0n
    for (const { address, offset, length } of probe.runs) {
      if (address >= 0) {
        const part = BigInt.asUintN(length, bits >> at) << BigInt(offset)
        const mask = (2n ** BigInt(length) - 1n) << BigInt(offset)
        const old = BigInt(this.#read(address / 4, offset + length))
        this.#write(address / 4, offset + length, (old & ~mask) | part)
      }
      at += BigInt(length)
    }
  }

  /** Names that `peek` knows. */
  get probes(): string[] {
    return [...this.#probes.keys()]
  }

  /** One word of an internal memory by its hierarchical name. */
  peekMemory(name: string, index: number): number | bigint {
    const memory = this.#memory(name, index)
    let value = 0n
    const start = memory.address + index * memory.stride
    for (let i = Math.ceil(memory.width / 8) - 1; i >= 0; i--)
      value = (value << 8n) | BigInt(this.#bytes[start + i]!)
    return memory.width <= 32 ? Number(value) : value
  }

  /** Sets one word of an internal memory. */
  pokeMemory(name: string, index: number, value: number | bigint): void {
    const memory = this.#memory(name, index)
    const bits = checkRange({ name, width: memory.width, signed: true }, value)
    this.observer?.poke(name, index, bits)
    this.#stale = true
    const start = memory.address + index * memory.stride
    for (let i = 0; i < Math.ceil(memory.width / 8); i++)
      this.#bytes[start + i] = Number((bits >> BigInt(8 * i)) & 0xffn)
  }

  /** A rising edge of the main clock that was made by `set` is a cycle, too. */
  #countEdge(): void {
    const level = this.#levelOfClock()
    if (level > this.#clockLevel) this.#cycle++
    this.#clockLevel = level
  }

  #levelOfClock(): number {
    return this.#clockWord < 0 ? 0 : this.words[this.#clockWord]! & 1
  }

  #report(): void {
    if (this.#options.assertions === 'collect' || this.#unreported === this.#violations.length) return
    const first = this.#violations[this.#unreported]!
    this.#unreported = this.#violations.length
    const { kind, name, message, file, line, cycle } = first
    const where = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
    throw new GemgateError(
      'GG_ASSERTION',
      `${kind} ${name} failed in cycle ${cycle}${where}${message === '' ? '' : `: ${message}`}`,
      kind === 'assume'
        ? 'The stimulus breaks what the module assumes.'
        : 'Look at the waveform of this cycle.',
      { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) },
    )
  }

  #probe(name: string): Probe {
    const probe = this.#probes.get(name)
    if (probe) return probe
    throw new GemgateError(
      'GG_PORT',
      `there is no register ${name} in ${this.design.top}`,
      this.design.engine === 'wasm'
        ? 'Only registers can be looked at, not combinational signals; names are as in `probes`.'
        : 'Verilator shows no internal state: use the engine `wasm`, or make it a port.',
    )
  }

  #memory(name: string, index: number): MemoryInfo {
    const memory = this.#memories.get(name)
    if (memory && Number.isInteger(index) && index >= 0 && index < memory.size) return memory
    const known = [...this.#memories.values()].map((m) => `${m.name}[0..${m.size - 1}]`).join(', ')
    throw new GemgateError(
      'GG_PORT',
      `there is no memory word ${name}[${index}]`,
      this.design.engine === 'wasm'
        ? `Memories: ${known || 'none'}.`
        : 'Verilator shows no internal state: use the engine `wasm`, or make it a port.',
    )
  }

  #port(name: string): Port {
    const port = this.ports.get(name)
    if (port) return port
    const names = [...this.ports.keys()].join(', ')
    throw new GemgateError('GG_PORT', `${this.design.top} has no port ${name}`, `Its ports are ${names}.`)
  }

  #read(word: number, width: number): number | bigint {
    if (width <= 32) return this.words[word]! >>> 0
    let value = 0n
    for (let i = Math.ceil(width / 32) - 1; i >= 0; i--)
      value = (value << 32n) | BigInt(this.words[word + i]! >>> 0)
    return BigInt.asUintN(width, value)
  }

  #write(word: number, width: number, value: bigint): void {
    for (let i = 0; i * 32 < width; i++)
      this.words[word + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn) | 0
  }
}

/** The bits of a value for a port. @throws GemgateError GG_PORT for one that does not fit */
export function checkRange(port: Pick<Port, 'name' | 'width' | 'signed'>, value: number | bigint): bigint {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  const number = whole ? BigInt(value) : 0n
  const top = 1n << BigInt(port.width)
  const bottom = port.signed ? -top / 2n : 0n
  if (!whole || number < bottom || number >= top)
    throw new GemgateError(
      'GG_PORT',
      `${value} does not fit the ${port.width} bits of ${port.name}`,
      `Give a whole number from ${bottom} to ${top - 1n}.`,
    )
  return BigInt.asUintN(port.width, number)
}
