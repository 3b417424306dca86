import { GemgateError } from '../../core/errors.ts'
import type { FlashMonitor, Programmer } from './flash-monitor.ts'
import type { FlashTarget } from './flash-target.ts'
import { lastPercent } from './last-percent.ts'
import { ProgramFolder } from './program-folder.ts'
import { programFailure, runProgram } from './run-program.ts'

const command = 'openFPGALoader'
/** Milliseconds; a 10 MB image over JTAG takes two minutes. */
const limit = 600_000

/**
 * The program openFPGALoader. Version 0.10 exits with 0 when erasing, writing or verifying fails and when CDONE
 * stays low, so success is: exit code 0, no word of failure on either stream, and for iCE40 `CDONE ... DONE`.
 */
export class OpenFpgaLoader implements Programmer {
  readonly name = command
  readonly finishesOnAbort = false
  readonly holdsReset = false
  /** Its dump says success in the same unreliable way, and no second reading proves it. */
  readonly read = undefined
  readonly #target: FlashTarget
  readonly #device: readonly string[]
  readonly #folder: ProgramFolder
  #done: boolean | undefined

  private constructor(target: FlashTarget, device: readonly string[], folder: ProgramFolder) {
    this.#target = target
    this.#device = device
    this.#folder = folder
  }

  /** Throws GG_TOOL_MISSING. Whether a board is there shows with the first access only. */
  static async open(target: FlashTarget, usbSerial?: string, signal?: AbortSignal): Promise<OpenFpgaLoader> {
    if (target.openFpgaLoaderBoard === undefined)
      throw new GemgateError(
        'GG_USAGE',
        `openFPGALoader does not know ${target.board}`,
        'Use another --tool.',
      )
    await runProgram(command, ['--Version'], { limit: 20_000, signal })
    const device = usbSerial === undefined ? [] : ['--ftdi-serial', usbSerial]
    return new OpenFpgaLoader(target, device, await ProgramFolder.make())
  }

  affected(length: number): number {
    return Math.ceil(length / 65536) * 65536
  }

  async program(image: Uint8Array, monitor: FlashMonitor, signal?: AbortSignal): Promise<void> {
    const ice40 = this.#target.format.kind === 'ice40'
    const file = await this.#folder.write(ice40 ? 'image.bin' : 'image.bit', image)
    const board = ['-b', this.#target.openFpgaLoaderBoard!]
    monitor.changes()
    const run = await runProgram(command, [...board, ...this.#device, '-f', '--verify', file], {
      limit,
      signal,
      onOutput: (text) => {
        if (/Writing/.test(text)) monitor.enter('write')
        if (/Verifying|Read flash/.test(text)) monitor.enter('verify')
        const percent = lastPercent(text)
        if (percent !== undefined) monitor.progress(percent, 100)
      },
    })
    const said = `${run.stdout}\n${run.stderr}`
    const failed = /\bfail(ed|ure)?\b|\berror\b|unable to/i.exec(said)?.[0]
    const waited = /Wait for CDONE\s*(?:DONE|FAIL)/i.exec(said)?.[0]
    // A FAIL behind CDONE says that everything before it went well.
    const onlyDone =
      waited !== undefined && /FAIL/i.test(waited) && said.match(/\bfail|\berror/gi)?.length === 1
    if (run.code !== 0 || (failed !== undefined && !onlyDone) || !/\bDone\b/i.test(said))
      throw programFailure(
        command,
        `${failed === undefined ? 'it does not report success' : `it reports "${failed}"`} (exit code ${run.code})`,
        run,
        /unable to open|claim|not found/i.test(said)
          ? 'Plug the board in; docs/flashing.md has the udev rule for missing permissions.'
          : 'Repeat; a protected flash needs openFPGALoader --unprotect-flash.',
      )
    this.#done = ice40 ? /Wait for CDONE\s*DONE/.test(said) : true
  }

  async configure(): Promise<void> {
    if (this.#done !== true)
      throw new GemgateError(
        'GG_FLASH',
        'CDONE was not seen to rise: the FPGA does not take the image from the flash',
        'Switch the board off and on; check its jumpers.',
      )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}
