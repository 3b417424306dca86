import { GemgateError } from '../../src/core/errors.ts'
import { type GeneratedDesign, streamWindowBytes } from './compiler/generate.ts'
import type { EngineInstance, EngineKernel, SystemTasks } from './engine.ts'
import { TaskHost } from './task-host.ts'
import { type WasmModule, webAssembly } from './webassembly.ts'

/** A running design of our own compiler. */
export class WasmInstance implements EngineInstance {
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly step: () => void
  readonly kernel: EngineKernel | undefined
  readonly #design: GeneratedDesign
  readonly #tasks: TaskHost
  readonly #run: (cycles: number) => number
  readonly #settle: () => void
  readonly #observe: (() => void) | undefined
  readonly #start: readonly (() => void)[]
  readonly #clockWord: number
  readonly #unsettledWord: number
  readonly #stopWord: number

  constructor(design: GeneratedDesign, module: WasmModule, tasks: SystemTasks) {
    const task = (index: number) => this.#tasks.run(index)
    const { exports } = new webAssembly.Instance(module, { gemgate: { task } })
    const { buffer } = exports['memory'] as { buffer: ArrayBuffer }
    const exported = <T>(name: string) => exports[name] as T | undefined
    this.#design = design
    this.words = new Int32Array(buffer)
    this.bytes = new Uint8Array(buffer)
    this.#tasks = new TaskHost(design.control, this.words, tasks)
    const noClock = () => this.#noClock()
    this.#run = exported<(cycles: number) => number>('run') ?? noClock
    this.step = exported<number>('run') === undefined ? noClock : exported<() => void>('step')!
    this.#settle = exports['settle'] as () => void
    this.#observe = exported<() => void>('observe')
    this.#start = ['start', 'initial'].flatMap((name) => exported<() => void>(name) ?? [])
    this.#clockWord = design.ports.find(({ name }) => name === design.clock)?.word ?? -1
    this.#unsettledWord = design.control.unsettledWord
    this.#stopWord = design.control.stopWord
    this.kernel = exported('run') === undefined ? undefined : this.#kernel(exports)
    this.#load()
  }

  run(cycles: number): number {
    if (cycles === 0) return 0
    this.#beginRun()
    let done = 0
    while (done < cycles) {
      const part = Math.min(cycles - done, 0x7fffffff)
      const made = this.#run(part)
      done += made
      this.#checkSettled()
      if (made < part || (this.#stopWord >= 0 && this.words[this.#stopWord] !== 0)) break
    }
    return done
  }

  #beginRun(): void {
    const [clock, level] = [this.#clockWord, this.#design.control.levelWord]
    if (clock >= 0) {
      // an edge that was set but not settled comes first; a cycle begins with the clock low
      if (this.words[clock] !== this.words[level]) this.refresh()
      if (this.words[clock]! & 1) {
        this.words[clock] = 0
        this.refresh()
      }
    }
    if (this.#stopWord >= 0) this.words[this.#stopWord] = 0
  }

  #kernel({ memory, step, settle }: Readonly<Record<string, unknown>>): EngineKernel {
    const address = Math.ceil(this.#design.size / 64) * 64
    return {
      memory,
      step,
      settle,
      window: { address, bytes: this.#design.size + streamWindowBytes - address },
      endWord: this.#stopWord >= 0 ? this.#stopWord : undefined,
      run: (work) => {
        this.#beginRun()
        const done = work()
        this.#checkSettled()
        return done
      },
    }
  }

  settle(): void {
    this.refresh()
    this.#observe?.()
  }

  refresh(): void {
    const [clock, level] = [this.#clockWord, this.#design.control.levelWord]
    const now = clock < 0 ? 0 : this.words[clock]! & 1
    if (now > this.words[level]!) this.#tasks.countCycle()
    this.#settle()
    this.words[level] = now
    this.#checkSettled()
  }

  coverCounts(): ReturnType<EngineInstance['coverCounts']> {
    return this.#tasks.coverCounts()
  }

  reset(): void {
    this.bytes.fill(0)
    this.#load()
  }

  close(): void {}

  #load(): void {
    for (const { address, bytes } of this.#design.image) this.bytes.set(bytes, address)
    for (const start of this.#start) start()
    this.#checkSettled()
  }

  #noClock(): never {
    const { top, control } = this.#design
    if (control.clocks.length === 0)
      throw new GemgateError('GG_USAGE', `${top} has no clock`, 'Set its inputs and call settle().')
    throw new GemgateError(
      'GG_USAGE',
      `${top} has several clocks: ${control.clocks.join(', ')}`,
      'Name the one to be stepped with the option `clock`, or set the clocks and call settle().',
    )
  }

  #checkSettled(): void {
    if (this.#unsettledWord < 0 || this.words[this.#unsettledWord] === 0) return
    const { levels } = this.#design.control
    // one more try, to see what still moves
    const before = levels.map(({ word }) => this.words[word])
    this.#settle()
    this.words[this.#unsettledWord] = 0
    const moving = levels.filter(({ word }, i) => this.words[word] !== before[i])
    const names = [...new Set((moving.length > 0 ? moving : levels).map(({ name }) => name))]
    const more = names.length > 6 ? ` and ${names.length - 6} more` : ''
    throw new GemgateError(
      'GG_UNSETTLED',
      `${this.#design.top} does not come to rest: ${names.slice(0, 6).join(', ')}${more}`,
      'Break the loop that these signals are part of, or give it an input that stops it.',
    )
  }
}
