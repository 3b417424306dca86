import type { EngineDesign, EngineKernel } from '../../engine.ts'
import type { Simulation } from '../../simulation.ts'
import { type WasmModule, webAssembly } from '../../webassembly.ts'
import { stops, streamModule } from './kernel.ts'
import { type Broken, brokenRule, type Progress, stuckError } from './outcome.ts'
import type { StreamPlan } from './plan.ts'
import { Rows, type StreamRun } from './reference.ts'
import { rowWords } from './side.ts'
import type { SideWindow, StreamWindow } from './window.ts'

/** Modules kept per design; each kind of stream, with its probabilities, has its own. */
const mostModules = 64
/** Cycles in one call: so many that the call costs nothing. */
const mostCycles = 1 << 24

const modules = new WeakMap<EngineDesign, Map<string, WasmModule>>()

/** Runs a stream inside WebAssembly; the rows pass through the window in chunks. */
export function streamInWebAssembly(
  simulation: Simulation,
  kernel: EngineKernel,
  plan: StreamPlan,
  window: StreamWindow,
): StreamRun {
  const bytes = streamModule(plan, window, kernel.endWord)
  const { memory, step, settle } = kernel
  const instance = new webAssembly.Instance(moduleOf(simulation.design, bytes), {
    design: { memory, step, settle },
  })
  const run = instance.exports['run'] as (cycles: number) => number
  return new WindowedStream(simulation, plan, window).run(run)
}

function moduleOf(design: EngineDesign, bytes: Uint8Array): WasmModule {
  let known = modules.get(design)
  if (!known) modules.set(design, (known = new Map()))
  const key = Buffer.from(bytes).toString('latin1')
  let module = known.get(key)
  if (!module) {
    if (known.size >= mostModules) known.clear()
    known.set(key, (module = new webAssembly.Module(bytes)))
  }
  return module
}

class WindowedStream {
  readonly #simulation: Simulation
  readonly #words: Uint32Array
  readonly #plan: StreamPlan
  readonly #window: StreamWindow
  readonly #sourceTimes: Uint32Array[]
  readonly #sinkRows: Rows[]
  /** Rows of each source that are in the window or were. */
  readonly #given: number[]
  readonly #progress: Progress

  constructor(simulation: Simulation, plan: StreamPlan, window: StreamWindow) {
    const { buffer } = simulation.words
    this.#simulation = simulation
    this.#words = new Uint32Array(buffer)
    this.#plan = plan
    this.#window = window
    this.#sourceTimes = plan.sources.map(({ count }) => new Uint32Array(count))
    this.#sinkRows = plan.sinks.map((side) => new Rows(rowWords(side)))
    this.#given = plan.sources.map(() => 0)
    this.#progress = { cycles: 0, sent: plan.sources.map(() => 0), received: plan.sinks.map(() => 0) }
  }

  run(run: (cycles: number) => number): StreamRun {
    const { limit } = this.#plan
    const progress = this.#progress
    this.#prepare()
    let reason: number = stops.cycles
    for (;;) {
      this.#refill()
      const budget = Math.min(limit - progress.cycles, mostCycles)
      if (budget <= 0) throw stuckError(this.#plan, progress, 'limit')
      this.#simulation.bulk(() => {
        reason = run(budget)
        const before = progress.cycles
        progress.cycles = this.#get(this.#window.cycle)
        return progress.cycles - before
      })
      this.#empty()
      if (reason >= stops.broken) throw this.#broken(reason - stops.broken)
      if (reason === stops.stuck) throw stuckError(this.#plan, progress, 'patience')
      if (reason === stops.done || reason === stops.ended) break
    }
    return {
      ...progress,
      sourceTimes: this.#sourceTimes,
      sinkRows: this.#sinkRows,
    }
  }

  #prepare(): void {
    const { sources, sinks } = this.#plan
    const { cycle, idle, quiet } = this.#window
    for (const address of [cycle, idle, quiet]) this.#set(address, 0)
    for (const [i, { seed }] of sources.entries()) this.#prepareSide(this.#window.sources[i]!, seed, 0)
    for (const [k, side] of sinks.entries()) {
      const at = this.#window.sinks[k]!
      this.#prepareSide(at, side.seed, side.wanted)
      this.#set(at.end, at.rows + 4 * at.capacity * rowWords(side))
    }
  }

  #prepareSide(at: SideWindow, seed: Uint32Array, rest: number): void {
    this.#set(at.next, at.rows)
    this.#set(at.end, at.rows)
    this.#set(at.rest, rest)
    this.#set(at.pending, 0)
    this.#words.set(seed, at.random / 4)
  }

  /** Gives each source that has used its rows the next ones. */
  #refill(): void {
    this.#plan.sources.forEach(({ rows, count, ...side }, i) => {
      const at = this.#window.sources[i]!
      if (this.#get(at.next) !== this.#get(at.end)) return
      const length = rowWords(side)
      const first = this.#given[i]!
      const more = Math.min(count - first, at.capacity)
      this.#words.set(rows.subarray(first * length, (first + more) * length), at.rows / 4)
      this.#given[i] = first + more
      this.#set(at.next, at.rows)
      this.#set(at.end, at.rows + 4 * more * length)
      this.#set(at.rest, Number(first + more < count))
    })
  }

  /** Takes what the sinks have, and the times of what the sources have sent. */
  #empty(): void {
    const { sent, received } = this.#progress
    this.#plan.sources.forEach((side, i) => {
      const at = this.#window.sources[i]!
      const length = rowWords(side)
      const inWindow = (this.#get(at.end) - at.rows) / 4 / length
      const done = (this.#get(at.next) - at.rows) / 4 / length
      const start = this.#given[i]! - inWindow
      const times = this.#sourceTimes[i]!
      for (let row = sent[i]! - start; row < done; row++)
        times[start + row] = this.#words[at.rows / 4 + row * length + length - 1]!
      sent[i] = start + done
    })
    this.#plan.sinks.forEach((side, k) => {
      const at = this.#window.sinks[k]!
      const length = rowWords(side)
      const first = at.rows / 4
      const count = (this.#get(at.next) / 4 - first) / length
      const rows = this.#sinkRows[k]!
      rows.reserve(count)
      rows.words.set(this.#words.subarray(first, first + count * length), rows.count * length)
      rows.count += count
      received[k]! += count
      this.#set(at.next, at.rows)
    })
  }

  #broken(sink: number): Error {
    const { words, valid } = this.#plan.sinks[sink]!
    const { held } = this.#window.sinks[sink]!
    const broken: Broken = {
      sink,
      valid: this.#words[valid.word] !== 0,
      held: words.map((_, w) => this.#words[held / 4 + w]! | 0),
      found: words.map(({ word }) => this.#words[word]! | 0),
    }
    return brokenRule(this.#plan, this.#progress, broken)
  }

  #get(address: number): number {
    return this.#words[address / 4]!
  }

  #set(address: number, value: number): void {
    this.#words[address / 4] = value
  }
}
