import { readFile } from 'node:fs/promises'
import { GemgateError } from '../../core/errors.ts'
import type { FlashMonitor, Programmer } from './flash-monitor.ts'
import { lastPercent } from './last-percent.ts'
import { ProgramFolder } from './program-folder.ts'
import { type ProgramRun, programFailure, runProgram } from './run-program.ts'

const command = 'iceprog'
/** Milliseconds: it takes about 10 s for 135 kB at 6 MHz. */
const limit = 120_000
const eraseBlock = 65536

const remedy = 'Repeat; --tool mpsse is the built-in programmer.'

/**
 * The program iceprog of Project IceStorm. Its exit code is 0 also when the FPGA does not start, so success is:
 * exit code 0, `VERIFY OK`, and a last `cdone:` line that says high.
 */
export class Iceprog implements Programmer {
  readonly name = command
  readonly finishesOnAbort = false
  readonly holdsReset = false
  readonly #device: readonly string[]
  readonly #folder: ProgramFolder
  #done = false

  private constructor(device: readonly string[], folder: ProgramFolder) {
    this.#device = device
    this.#folder = folder
  }

  /** Throws GG_TOOL_MISSING, GG_BOARD_UNAVAILABLE when no board answers. */
  static async open(usbSerial?: string, signal?: AbortSignal): Promise<Iceprog> {
    const device = usbSerial === undefined ? [] : ['-d', `s:0x0403:0x6010:${usbSerial}`]
    const run = await runProgram(command, [...device, '-t'], { limit: 20_000, signal })
    if (run.code !== 0 || !/flash ID:/.test(run.stderr)) {
      const { message } = programFailure(command, `no board (exit code ${run.code})`, run, remedy)
      throw new GemgateError(
        'GG_BOARD_UNAVAILABLE',
        message,
        'Plug the board in; docs/flashing.md has the udev rule for missing permissions.',
      )
    }
    return new Iceprog(device, await ProgramFolder.make())
  }

  affected(length: number): number {
    return Math.ceil(length / eraseBlock) * eraseBlock
  }

  readonly read = async (
    length: number,
    monitor: FlashMonitor,
    signal?: AbortSignal,
  ): Promise<Uint8Array> => {
    const file = this.#folder.file('former.bin')
    const run = await this.#run(['-R', String(length), file], monitor, signal)
    const bytes = run.code === 0 ? await readFile(file).catch(() => undefined) : undefined
    if (bytes === undefined || bytes.length < length || errorIn(run))
      throw programFailure(command, `reading the flash failed (exit code ${run.code})`, run, remedy)
    return bytes.subarray(0, length)
  }

  async program(image: Uint8Array, monitor: FlashMonitor, signal?: AbortSignal): Promise<void> {
    this.#done = false
    const file = await this.#folder.write('image.bin', image)
    monitor.changes()
    const run = await this.#run([file], monitor, signal)
    const verified = /VERIFY OK/.test(run.stderr)
    if (run.code !== 0 || !verified || errorIn(run)) {
      const reason =
        run.code === 3 ? 'flash and file differ' : verified ? 'it reports an error' : 'not verified'
      throw programFailure(command, `${reason} (exit code ${run.code})`, run, remedy)
    }
    this.#done = /cdone: (\w+)(?![\s\S]*cdone:)/.exec(run.stderr)?.[1] === 'high'
  }

  async configure(): Promise<void> {
    if (!this.#done)
      throw new GemgateError(
        'GG_FLASH',
        'CDONE stays low: the FPGA does not take the image from the flash',
        'Switch the board off and on; check its jumpers.',
      )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }

  #run(args: readonly string[], monitor: FlashMonitor, signal?: AbortSignal): Promise<ProgramRun> {
    const reading = args[0] === '-R'
    return runProgram(command, [...this.#device, ...args], {
      limit,
      signal,
      onOutput: (text) => {
        if (!reading && /programming\.\./.test(text)) monitor.enter('write')
        if (!reading && /reading\.\./.test(text)) monitor.enter('verify')
        const percent = lastPercent(text)
        if (percent !== undefined) monitor.progress(percent, 100)
      },
    })
  }
}

function errorIn({ stdout, stderr }: ProgramRun): boolean {
  return /ABORT|Found difference|\berror\b|can't/i.test(
    `${stdout}\n${stderr.replace(/Extended Device String.*/g, '')}`,
  )
}
