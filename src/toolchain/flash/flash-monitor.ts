/** The steps of flashing, in order. Errors name the step in which they happened. */
export const flashSteps = [
  'check image',
  'connect',
  'back up',
  'erase',
  'write',
  'verify',
  'configure',
  'open link',
  'compare build',
] as const

export type FlashStep = (typeof flashSteps)[number]

/** Who follows the work. Both are called often; they must not throw. */
export interface FlashMonitor {
  /** A step begins. */
  enter(step: FlashStep): void
  /** Bytes of the present step, or of 100 where a tool tells percents. */
  progress(done: number, total: number): void
}

/** A way to write the configuration memory of a board. */
export interface Programmer extends AsyncDisposable {
  /** For people, such as `built-in programmer on 0403:6010`. */
  readonly name: string
  /** Whether it works step by step; otherwise an abort ends it in the middle. */
  readonly interruptible: boolean
  /** Whether the logic is dead between opening and `configure`. */
  readonly holdsReset: boolean
  /** Bytes that programming `length` bytes would overwrite, from the start of the flash. */
  affected(length: number): number
  /** The first bytes of the flash; undefined where this way cannot read. */
  readonly read:
    | ((length: number, monitor: FlashMonitor, signal?: AbortSignal) => Promise<Uint8Array>)
    | undefined
  /** Erases, writes and compares; when it resolves the flash begins with `image`. Entered with the step `erase`. */
  program(image: Uint8Array, monitor: FlashMonitor, signal?: AbortSignal): Promise<void>
  /** Lets the device configure itself from the flash. Resolves when it says that it is configured. */
  configure(monitor: FlashMonitor, signal?: AbortSignal): Promise<void>
}
