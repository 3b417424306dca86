import type { Clock } from './clock.ts'
import type { FlashMonitor, Programmer } from './flash-monitor.ts'

/** The way to ask a board for its build id: opens the link, HELLO, closes the link. */
export type AskBuild = (signal?: AbortSignal) => Promise<bigint>

export interface FlashOptions {
  readonly board: string
  /** Opens the way to the flash; called after the link was closed. */
  readonly openProgrammer: (signal?: AbortSignal) => Promise<Programmer>
  /** Null for a PCIe board: it is gone from its bus once it is programmed, until its computer starts again. */
  readonly askBuild: AskBuild | null
  /** Lets go of the board where it is open, or throws where that cannot be done; a written board has another session. */
  readonly closeLink?: () => Promise<void>
  /** Folder for what the flash held before; null: no backup. */
  readonly backupFolder: string | null
  /** Throws when what was read cannot be what the board ran a moment ago; asked only when it answered. */
  readonly checkBackup?: (bytes: Uint8Array) => void
  readonly monitor?: FlashMonitor
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export interface FlashResult {
  readonly board: string
  /** What wrote it. */
  readonly programmer: string
  readonly sha256: string
  readonly bytes: number
  /** Build id that the board returned; null when it can only be asked later, by `confirmBoard`. */
  readonly build: bigint | null
  /** Things to know about a success. */
  readonly notes: readonly string[]
  /** Where the former content lies; null when it was not read. */
  readonly backup: string | null
}

/** `build` is also null when the backup is of a flash whose logic had not answered. */
export type RestoreResult = Omit<FlashResult, 'backup'>
