import { GemgateError } from '../../core/errors.ts'
import { type Backup, saveBackup } from './backup-file.ts'
import type { CheckedImage } from './check-image.ts'
import { type Clock, systemClock } from './clock.ts'
import type { FlashMonitor, FlashStep, Programmer } from './flash-monitor.ts'

/** The way to ask a board for its build id: opens the link, HELLO, closes the link. */
export type AskBuild = (signal?: AbortSignal) => Promise<bigint>

export interface FlashOptions {
  readonly board: string
  /** Opens the way to the flash; called after the link was closed. */
  readonly openProgrammer: (signal?: AbortSignal) => Promise<Programmer>
  readonly askBuild: AskBuild
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
  /** Build id that the board returned. */
  readonly build: bigint
  /** Where the former content lies; null when it was not read. */
  readonly backup: string | null
}

export interface RestoreResult extends Omit<FlashResult, 'build' | 'backup'> {
  /** Build id that the board returned; null when the backup is of a flash whose logic had not answered. */
  readonly build: bigint | null
}

/** What is known of the board when something goes wrong. */
type BoardState = 'untouched' | 'changing' | 'written' | 'configured'

/** The FPGA needs a moment after CDONE, and a serial port one to come back: attempts, and ms between them. */
const attempts = { count: 4, pause: 500 } as const

/**
 * Puts a checked image onto a board. Succeeds only when the board, asked over its link, returns the build id of the
 * manifest. Abort is obeyed where the board is whole: until erasing begins, and after the image was verified.
 *
 * @throws GemgateError GG_IMAGE for an image without manifest; what `openProgrammer` throws; else GG_FLASH, whose
 *   message names the step and the state of the board, whose remedy says how to restore
 */
export async function flashBoard(image: CheckedImage, options: FlashOptions): Promise<FlashResult> {
  const { build } = image
  if (build === undefined)
    throw new GemgateError(
      'GG_IMAGE',
      'the image has no manifest, so nothing could tell whether the board runs it afterwards',
      'Put the manifest that gemgate build wrote beside the image.',
    )
  const run = new Run(options)
  const former = await run.askFormer()
  const { programmer, backup } = await run.program(image.bytes, async (programmer) => {
    if (former !== undefined && programmer.holdsReset) await run.proveSilence()
    if (options.backupFolder === null || programmer.read === undefined) return undefined
    const bytes = await run.read(programmer, programmer.affected(image.bytes.length))
    if (former !== undefined) options.checkBackup?.(bytes)
    return saveBackup(options.backupFolder, options.board, bytes, former)
  })
  const found = await run.confirm()
  run.enter('compare build')
  if (found !== build)
    throw run.failed(
      new GemgateError(
        'GG_FLASH',
        `the board returns the build ${id(found)}, the image is ${id(build)}`,
        'The board runs an older image: another flash or another board was written. Check the cable and the port.',
      ),
    )
  return {
    board: options.board,
    programmer,
    sha256: image.sha256,
    bytes: image.bytes.length,
    build,
    backup: backup?.file ?? null,
  }
}

/**
 * Writes back what a flash held. Where the backup knows the build id of then, the board must return it; otherwise the
 * flash, read back, is all that is proven, and the result says so with `build` null.
 * @throws GemgateError as flashBoard
 */
export async function restoreBoard(backup: Backup, options: FlashOptions): Promise<RestoreResult> {
  const { buildId, sha256 } = backup.note
  const run = new Run({ ...options, backupFolder: null })
  run.restores = backup.file
  const { programmer } = await run.program(backup.bytes, async () => undefined, buildId !== null)
  const result = { board: options.board, programmer, sha256, bytes: backup.bytes.length }
  if (buildId === null) return { ...result, build: null }
  const found = await run.confirm()
  run.enter('compare build')
  if (found !== BigInt(`0x${buildId}`))
    throw run.failed(
      new GemgateError(
        'GG_FLASH',
        `the board returns the build ${id(found)}, the backup is of ${buildId}`,
        'Another board or another flash was written. Check the cable and the port.',
      ),
    )
  return { ...result, build: found }
}

/** One pass over a board: knows the step, and what has become of the flash. */
class Run implements FlashMonitor {
  readonly #options: FlashOptions
  readonly #clock: Clock
  #step: FlashStep = 'connect'
  #state: BoardState = 'untouched'
  #backup: string | null = null
  #linkClosed = false
  restores: string | undefined

  constructor(options: FlashOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  enter(step: FlashStep): void {
    if (step === 'erase') this.#state = 'changing'
    this.#step = step
    this.#options.monitor?.enter(step)
  }

  progress(done: number, total: number): void {
    this.#options.monitor?.progress(done, total)
  }

  /** Build id before anything happens; undefined when nothing that speaks the protocol answers. */
  async askFormer(): Promise<bigint | undefined> {
    this.#stopHere()
    await this.#closeLink()
    return this.#options.askBuild(this.#options.signal).catch(() => undefined)
  }

  /** The board whose FPGA is held in reset cannot answer: when the link does, it is that of another board. */
  async proveSilence(): Promise<void> {
    const build = await this.#options.askBuild(this.#options.signal).catch(() => undefined)
    if (build !== undefined)
      throw new GemgateError(
        'GG_FLASH',
        `the link answers (build ${id(build)}) while the FPGA is held in reset: they are two boards`,
        'Choose the port and the USB bridge of the same board (--port, --usb).',
      )
  }

  async read(programmer: Programmer, length: number): Promise<Uint8Array> {
    this.enter('back up')
    return programmer.read!(length, this, this.#options.signal)
  }

  /** Everything that needs the programmer, which is closed when it returns. */
  async program(
    bytes: Uint8Array,
    before: (programmer: Programmer) => Promise<Backup | undefined>,
    mustConfigure = true,
  ): Promise<{ programmer: string; backup: Backup | undefined }> {
    const { openProgrammer, signal } = this.#options
    this.#stopHere()
    await this.#closeLink()
    this.enter('connect')
    const programmer = await openProgrammer(signal).catch((error: unknown) => {
      throw plain(error) ? error : this.failed(error)
    })
    try {
      const backup = await before(programmer)
      this.#backup = backup?.file ?? null
      this.#stopHere()
      this.enter('erase')
      await programmer.program(bytes, this, programmer.interruptible ? undefined : signal)
      this.#state = 'written'
      this.#stopHere()
      this.enter('configure')
      await programmer.configure(this, signal).catch((error: unknown) => {
        if (mustConfigure) throw error
      })
      this.#state = 'configured'
      return { programmer: programmer.name, backup }
    } catch (error) {
      throw this.failed(error)
    } finally {
      await programmer[Symbol.asyncDispose]()
    }
  }

  /** Asks the board for its build until it answers. */
  async confirm(): Promise<bigint> {
    this.enter('open link')
    for (let attempt = 1; ; attempt++) {
      try {
        this.#options.signal?.throwIfAborted()
        return await this.#options.askBuild(this.#options.signal)
      } catch (error) {
        if (attempt >= attempts.count || this.#options.signal?.aborted) throw this.failed(error)
        await this.#clock.sleep(attempts.pause)
      }
    }
  }

  /** GG_FLASH with step, state and the way back. */
  failed(error: unknown): GemgateError {
    const aborted = this.#options.signal?.aborted === true && !(error instanceof GemgateError)
    const message = aborted ? 'stopped by the user' : error instanceof Error ? error.message : String(error)
    const remedy = error instanceof GemgateError ? error.remedy : 'Repeat.'
    return new GemgateError(
      'GG_FLASH',
      `step "${this.#step}" failed: ${message.replace(/[.!?]$/, '')}. ${stateText[this.#state]}`,
      this.#state === 'untouched' ? remedy : `${remedy} ${this.#wayBack()}`.trim(),
      { cause: error },
    )
  }

  async #closeLink(): Promise<void> {
    if (this.#linkClosed) return
    await this.#options.closeLink?.()
    this.#linkClosed = true
  }

  #stopHere(): void {
    if (this.#options.signal?.aborted === true) throw this.failed(this.#options.signal.reason)
  }

  #wayBack(): string {
    const { board } = this.#options
    const file = this.restores ?? this.#backup
    return file === null
      ? 'There is no backup: repeat with this or any other image of the board.'
      : `Back to what the board had: gemgate flash ${board} --restore ${file}`
  }
}

/** Errors that say all there is to say: nothing was touched. */
function plain(error: unknown): boolean {
  const codes = ['GG_TOOL_MISSING', 'GG_BOARD_UNAVAILABLE', 'GG_USAGE']
  return error instanceof GemgateError && codes.includes(error.code)
}

const stateText: Readonly<Record<BoardState, string>> = {
  untouched: 'The flash of the board was not changed.',
  changing: 'The flash of the board holds neither image: at the next start the FPGA stays unconfigured.',
  written:
    'The flash of the board holds the new image as far as the programmer can tell, but the board was not seen running it.',
  configured:
    'The flash of the board holds the new image and the FPGA is configured, but its logic is not confirmed.',
}

function id(build: bigint): string {
  return build.toString(16).padStart(16, '0')
}
