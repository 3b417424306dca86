import type { GeneratedDesign } from './compiler/generate.ts'
import type { EngineInstance, SystemTasks } from './engine.ts'
import { type WasmModule, webAssembly } from './webassembly.ts'

/** A running design of our own compiler. */
export class WasmInstance implements EngineInstance {
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly step: () => void
  readonly #design: GeneratedDesign
  readonly #run: (cycles: number) => void
  readonly #settle: () => void
  readonly #clockWord: number
  #clockLevel = 0

  constructor(design: GeneratedDesign, module: WasmModule, _tasks: SystemTasks) {
    const { exports } = new webAssembly.Instance(module)
    const { buffer } = exports['memory'] as { buffer: ArrayBuffer }
    this.#design = design
    this.words = new Int32Array(buffer)
    this.bytes = new Uint8Array(buffer)
    this.step = exports['step'] as () => void
    this.#run = exports['run'] as (cycles: number) => void
    this.#settle = exports['settle'] as () => void
    this.#clockWord = design.ports.find(({ name }) => name === design.clock)?.word ?? -1
    this.#load()
  }

  run(cycles: number): number {
    for (let left = cycles; left > 0; left -= 0x7fffffff) this.#run(Math.min(left, 0x7fffffff))
    return cycles
  }

  settle(): void {
    if (this.#clockWord >= 0) {
      const level = this.words[this.#clockWord]! & 1
      if (level > this.#clockLevel) this.step()
      this.#clockLevel = level
    }
    this.#settle()
  }

  coverCounts(): readonly [] {
    return []
  }

  reset(): void {
    this.bytes.fill(0)
    this.#clockLevel = 0
    this.#load()
  }

  close(): void {}

  #load(): void {
    for (const { address, bytes } of this.#design.image) this.bytes.set(bytes, address)
  }
}
