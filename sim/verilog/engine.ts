import type { MemoryInfo, Port, Probe } from './compiler/layout.ts'

/** Who simulates: our own compiler, or Verilator's C++ natively or as WebAssembly. */
export type EngineName = 'wasm' | 'verilator' | 'verilator-wasm'

/** A compiled design of any engine; make any number of running instances from it. */
export interface EngineDesign {
  readonly engine: EngineName
  readonly top: string
  /** Name of the main clock: the input that `step` drives. Empty for a design without registers. */
  readonly clock: string
  readonly ports: readonly Port[]
  /** Internal state that can be read and written by hierarchical name. */
  readonly probes: readonly Probe[]
  readonly memories: readonly MemoryInfo[]
  /** True if it came from the cache. */
  readonly cached: boolean
  instantiate(tasks: SystemTasks): EngineInstance
}

/** Where `$display`, `$finish`, assertions and covers of a running design go. Called in the middle of a cycle. */
export interface SystemTasks {
  /** One `$display` or `$write`: the formatted text, with its newline if it has one. */
  print(text: string): void
  /** An assert or assume that does not hold. */
  violated(check: CheckInfo): void
  /** `$finish` or `$stop`: the running `run` ends after this cycle. */
  finish(): void
}

/** One assert, assume or cover statement of the source. */
export interface CheckInfo {
  readonly kind: 'assert' | 'assume' | 'cover'
  /** Hierarchical name, or the statement's label. */
  readonly name: string
  readonly message: string
  readonly file?: string
  readonly line?: number
}

/** A running design in its power-on state: a flat memory with the ports in it, and functions on it. */
export interface EngineInstance {
  /** Linear memory as 32-bit words; ports by `Port.word`. The array never changes identity. */
  readonly words: Int32Array
  /** The same memory as bytes, for probes and memories. Empty where an engine shows no internal state. */
  readonly bytes: Uint8Array
  /** One full cycle of the main clock (rise, then fall), other inputs as they are. */
  step(): void
  /**
   * Many cycles.
   * @returns the cycles done: fewer if a system task ended the run
   */
  run(cycles: number): number
  /**
   * Brings registers and outputs up to date with the inputs, clock inputs included: every edge since the last call
   * takes effect, asynchronous resets and latches do, and then combinational outputs.
   */
  settle(): void
  /** How often each cover statement came true, in the order of `covers`; empty without any. */
  coverCounts(): readonly { readonly check: CheckInfo; readonly count: number }[]
  /** Back to the power-on state; inputs become 0. */
  reset(): void
  /** Frees native memory; the instance must not be used any more. */
  close(): void
}
