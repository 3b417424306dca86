import { GemgateError } from '../../core/errors.ts'
import type { FlashMonitor, Programmer } from './flash-monitor.ts'
import type { FlashTarget } from './flash-target.ts'
import { lastPercent } from './last-percent.ts'
import { ProgramFolder } from './program-folder.ts'
import { programFailure, runProgram } from './run-program.ts'

const command = 'dfu-util'
const limit = 300_000

/**
 * The program dfu-util, for boards with a DFU boot loader. Success is: exit code 0, `Done!` or `Download done.`, and no
 * word of an error. It reads nothing back: only the HELLO of the logic proves the image.
 */
export class DfuUtil implements Programmer {
  readonly name = command
  readonly finishesOnAbort = false
  readonly holdsReset = false
  readonly read = undefined
  readonly #dfu: { readonly id: string; readonly alternate: number }
  readonly #serial: readonly string[]
  readonly #folder: ProgramFolder

  private constructor(
    dfu: { id: string; alternate: number },
    serial: readonly string[],
    folder: ProgramFolder,
  ) {
    this.#dfu = dfu
    this.#serial = serial
    this.#folder = folder
  }

  /** Throws GG_TOOL_MISSING, GG_BOARD_UNAVAILABLE when the boot loader is not there. */
  static async open(target: FlashTarget, usbSerial?: string, signal?: AbortSignal): Promise<DfuUtil> {
    const { dfu, board } = target
    if (dfu === undefined)
      throw new GemgateError('GG_USAGE', `${board} has no DFU boot loader`, 'Use another --tool.')
    const { stdout } = await runProgram(command, ['-l'], { limit: 20_000, signal })
    if (!stdout.includes(`[${dfu.id}]`))
      throw new GemgateError(
        'GG_BOARD_UNAVAILABLE',
        `no DFU boot loader ${dfu.id} on USB`,
        'Bring the board into its boot loader: ULX3S, hold button 1 while plugging it in.',
      )
    const serial = usbSerial === undefined ? [] : ['-S', usbSerial]
    return new DfuUtil(dfu, serial, await ProgramFolder.make())
  }

  affected(length: number): number {
    return length
  }

  async program(image: Uint8Array, monitor: FlashMonitor, signal?: AbortSignal): Promise<void> {
    const file = await this.#folder.write('image.bit', image)
    const { id, alternate } = this.#dfu
    const args = ['-d', id, ...this.#serial, '-a', String(alternate), '-D', file, '-R']
    monitor.changes()
    const run = await runProgram(command, args, {
      limit,
      signal,
      onOutput: (text) => {
        if (/^Download\s/m.test(text)) monitor.enter('write')
        const percent = lastPercent(text)
        if (percent !== undefined) monitor.progress(percent, 100)
      },
    })
    const said = `${run.stdout}\n${run.stderr}`.replace(/No error condition is present/g, '')
    const failed = /error|fail|cannot|lost device/i.exec(said)?.[0]
    if (run.code !== 0 || failed !== undefined || !/\bDone!|Download done\./.test(said))
      throw programFailure(
        command,
        `${failed === undefined ? 'it does not report success' : `it reports "${failed}"`} (exit code ${run.code})`,
        run,
        'Bring the board into its boot loader again and repeat.',
      )
  }

  /** DFU knows no CDONE: the HELLO decides. */
  async configure(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}
