import { type ErrorCode, GemgateError } from '../../core/errors.ts'
import type { Backup } from './backup-file.ts'
import { type Clock, realTime } from './clock.ts'
import type { FlashMonitor, FlashStep, Programmer } from './flash-monitor.ts'
import type { AskBuild, FlashOptions } from './flash-options.ts'

/** A pass that writes nothing needs no programmer. */
type AskOptions = Omit<FlashOptions, 'openProgrammer' | 'backupFolder' | 'checkBackup'>

/** What is known of the board when something goes wrong. */
type BoardState = 'untouched' | 'changing' | 'written' | 'configured'

const stateText: Readonly<Record<BoardState, string>> = {
  untouched: 'The flash of the board was not changed.',
  changing:
    'The flash of the board may hold neither image; then the FPGA stays unconfigured at the next start.',
  written:
    'The flash of the board holds the new image as far as the programmer can tell, but the board was not seen running it.',
  configured:
    'The flash of the board holds the new image and the FPGA is configured, but its logic is not confirmed.',
}

/**
 * The FPGA needs a moment after CDONE, and a serial port that has gone seconds to come back: questions without an answer,
 * ms for a port that cannot be opened, ms between two attempts.
 */
const patience = { questions: 4, port: 10_000, pause: 500 } as const

/** What asking a board says when nothing there speaks the protocol. Anything else says nothing about the board. */
const noAnswer: readonly ErrorCode[] = ['GG_LINK_TIMEOUT', 'GG_LINK_PROTOCOL', 'GG_LINK_LOST']

/** One pass over a board: knows the step, and what has become of the flash. */
export class FlashRun implements FlashMonitor {
  readonly #options: AskOptions
  readonly #clock: Clock
  #step: FlashStep = 'connect'
  #state: BoardState = 'untouched'
  #backup: string | null = null
  #linkClosed = false
  restores: string | undefined
  readonly notes: string[] = []

  constructor(options: AskOptions) {
    this.#options = options
    this.#clock = options.clock ?? realTime
  }

  enter(step: FlashStep): void {
    this.#step = step
    this.#options.monitor?.enter(step)
  }

  changes(): void {
    this.#state = 'changing'
    this.#options.monitor?.changes()
  }

  progress(done: number, total: number): void {
    this.#options.monitor?.progress(done, total)
  }

  /** Build id before anything happens; undefined when nothing that speaks the protocol answers. */
  async askFormer(): Promise<bigint | undefined> {
    this.#stopHere()
    await this.#closeLink()
    return this.#answer().catch((error: unknown) => {
      throw plain(error) ? error : this.failed(error)
    })
  }

  /**
   * That the link and the programmer reach one board. A board whose FPGA is held in reset cannot answer: when the link
   * does, it is that of another one. Where the FPGA is not held, an answer that was the wanted one before proves
   * less, and the result says so.
   */
  async proveSameBoard(
    programmer: Programmer,
    former: bigint | undefined,
    wanted: bigint | undefined,
  ): Promise<void> {
    if (former === undefined) return
    if (!programmer.holdsReset) {
      if (former === wanted)
        this.notes.push(
          `the board returned this build before as well, and ${programmer.name} does not show whether it wrote the same board`,
        )
      return
    }
    const build = await this.#answer()
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
    openProgrammer: FlashOptions['openProgrammer'],
    bytes: Uint8Array,
    before: (programmer: Programmer) => Promise<Backup | undefined>,
    mustConfigure = true,
  ): Promise<{ programmer: string; backup: Backup | undefined }> {
    const { signal } = this.#options
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
      await programmer.program(bytes, this, programmer.finishesOnAbort ? undefined : signal)
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

  /** Asks the board until it answers, and compares; null where it cannot be asked now. */
  async confirm(wanted: bigint): Promise<bigint | null> {
    const { askBuild } = this.#options
    if (askBuild === null) return null
    const found = await this.#askPatiently(askBuild)
    this.enter('compare build')
    if (found === wanted) return found
    throw this.failed(
      new GemgateError(
        'GG_FLASH',
        `the board returns the build ${id(found)}, not ${id(wanted)}`,
        this.#state === 'untouched'
          ? 'It runs another image, or the port is that of another board.'
          : 'Another board was written, or this one starts from another place: check the cable and the port.',
      ),
    )
  }

  async #askPatiently(askBuild: AskBuild): Promise<bigint> {
    this.enter('open link')
    const deadline = this.#clock.now() + patience.port
    for (let questions = 0; ; ) {
      try {
        this.#options.signal?.throwIfAborted()
        return await askBuild(this.#options.signal)
      } catch (error) {
        const absent = error instanceof GemgateError && error.code === 'GG_BOARD_UNAVAILABLE'
        if (!absent) questions++
        const enough = absent ? this.#clock.now() >= deadline : questions >= patience.questions
        if (enough || this.#options.signal?.aborted) throw this.failed(error)
        await this.#clock.sleep(patience.pause)
      }
    }
  }

  /** One question; undefined when nothing that speaks the protocol answers. */
  async #answer(): Promise<bigint | undefined> {
    const { askBuild, signal } = this.#options
    if (askBuild === null) return undefined
    return askBuild(signal).catch((error: unknown) => {
      if (error instanceof GemgateError && noAnswer.includes(error.code)) return undefined
      throw error
    })
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
  const codes: readonly ErrorCode[] = ['GG_TOOL_MISSING', 'GG_BOARD_UNAVAILABLE', 'GG_USAGE']
  return error instanceof GemgateError && codes.includes(error.code)
}

function id(build: bigint): string {
  return build.toString(16).padStart(16, '0')
}
