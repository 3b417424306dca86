import type { MemoryInfo, Port, Probe } from './compiler/layout.ts'
import type { Signal } from './compiler/trace.ts'

/** Who simulates: our own compiler, or Verilator's C++ natively or as WebAssembly. */
export type EngineName = 'wasm' | 'verilator' | 'verilator-wasm'

/** A compiled design of any engine; make any number of running instances from it. */
export interface EngineDesign {
  readonly engine: EngineName
  readonly top: string
  /** Name of the main clock: the input that `step` drives. Empty if there is none, or if several could be meant. */
  readonly clock: string
  readonly ports: readonly Port[]
  /** Internal state that can be read and written by hierarchical name. */
  readonly probes: readonly Probe[]
  readonly memories: readonly MemoryInfo[]
  /** Every named signal, where the design was compiled for that. */
  readonly signals?: readonly Signal[]
  /** The leading bytes of memory that are the whole state of an instance; undefined where state is elsewhere too. */
  readonly size?: number
  /** True if it came from the cache. */
  readonly cached: boolean
  instantiate(tasks: SystemTasks): EngineInstance
  /** The same design with `signals`, where an engine can. */
  traced?(): Promise<EngineDesign>
}

/** Where `$display`, `$finish`, assertions and covers of a running design go. Called in the middle of a cycle. */
export interface SystemTasks {
  /** One `$display` or `$write`: the formatted text, with its newline if it has one. */
  print(text: string): void
  /**
   * An assert or assume that does not hold.
   * @param cycle cycles of the main clock since power-on, the one in which it happened included
   * @returns true to end the running `run` after this cycle
   */
  violated(check: CheckInfo, cycle: number): boolean
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

/** Exports of a running design, for another WebAssembly module to import. */
export interface EngineKernel {
  /** The memory that `words` shows. */
  readonly memory: unknown
  /** One full cycle of the main clock, and bringing outputs up to date. */
  readonly step: unknown
  readonly settle: unknown
  /** Bytes of memory that the design does not use. */
  readonly window: { readonly address: number; readonly bytes: number }
  /** Index in `words` of what is not 0 once a system task asks for the end of the run. */
  readonly endWord: number | undefined
  /**
   * Lets other code do cycles.
   * @param work returns the cycles that it has done
   */
  run(work: () => number): number
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
  /** Like `settle`, but does not look at assertions without a clock: inputs may be only half set. */
  refresh?(): void
  /** What a program inside WebAssembly needs to clock this instance by itself; undefined where that is not possible. */
  readonly kernel?: EngineKernel | undefined
  /** How often each cover statement came true, in the order of `covers`; empty without any. */
  coverCounts(): readonly { readonly check: CheckInfo; readonly count: number }[]
  /** Back to the power-on state; inputs become 0. */
  reset(): void
  /** Frees native memory; the instance must not be used any more. */
  close(): void
}
