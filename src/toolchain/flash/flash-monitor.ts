/** The steps of flashing, in order. Errors name the step in which they happened. */
export type FlashStep =
  | 'connect'
  | 'back up'
  | 'erase'
  | 'write'
  | 'verify'
  | 'configure'
  | 'open link'
  | 'compare build'

/** Who follows the work. All are called often; they must not throw. */
export interface FlashMonitor {
  /** A step begins. */
  enter(step: FlashStep): void
  /**
   * What comes next may change what the flash holds; until then it holds what it did. Said again, nothing changes. An
   * external program does not tell when it begins, so its adapter says it before it is started.
   */
  changes(): void
  /** Bytes of the present step, or of 100 where a tool tells percents. */
  progress(done: number, total: number): void
}

/** A way to write the configuration memory of a board. */
export interface Programmer extends AsyncDisposable {
  /** For people, such as `built-in programmer on 0403:6010`. */
  readonly name: string
  /** After an abort `program` still goes on to its end; otherwise it breaks off in the middle. */
  readonly finishesOnAbort: boolean
  /** Whether the logic is dead between opening and `configure`. */
  readonly holdsReset: boolean
  /** Bytes that programming `length` bytes would overwrite, from the start of the flash. */
  affected(length: number): number
  /** The first bytes of the flash; undefined where this way cannot read. */
  readonly read:
    | ((length: number, monitor: FlashMonitor, signal?: AbortSignal) => Promise<Uint8Array>)
    | undefined
  /**
   * Erases, writes and compares; when it resolves the flash begins with `image`. Entered with the step `erase`; calls
   * `changes` before the first command that erases or writes.
   */
  program(image: Uint8Array, monitor: FlashMonitor, signal?: AbortSignal): Promise<void>
  /** Lets the device configure itself from the flash. Resolves when it says that it is configured. */
  configure(monitor: FlashMonitor, signal?: AbortSignal): Promise<void>
}
