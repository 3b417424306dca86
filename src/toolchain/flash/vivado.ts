import { GemgateError } from '../../core/errors.ts'
import type { FlashMonitor, Programmer } from './flash-monitor.ts'
import type { FlashTarget } from './flash-target.ts'
import { ProgramFolder } from './program-folder.ts'
import { programFailure, runProgram } from './run-program.ts'

const command = 'vivado'
/** Milliseconds; Vivado needs half a minute to start and minutes to erase. */
const limit = 1_800_000

/** Last line of a script that got to its end. */
const marker = 'GEMGATE FLASH DONE'

/** Arguments: image.bit, image.bin to make, device, flash part, size in MB. Any error ends it before the marker. */
const script = `
lassign $argv bit bin device part size
write_cfgmem -force -format bin -size $size -interface SPIx4 -loadbit "up 0x0 $bit" -file $bin
open_hw_manager
connect_hw_server
open_hw_target
set dev [lindex [get_hw_devices $device] 0]
if {$dev eq ""} { error "no device $device on the JTAG chain" }
current_hw_device $dev
set mem [create_hw_cfgmem -hw_device $dev [lindex [get_cfgmem_parts $part] 0]]
set_property PROGRAM.FILES [list $bin] $mem
set_property PROGRAM.ADDRESS_RANGE {use_file} $mem
set_property PROGRAM.BLANK_CHECK 0 $mem
set_property PROGRAM.ERASE 1 $mem
set_property PROGRAM.CFG_PROGRAM 1 $mem
set_property PROGRAM.VERIFY 1 $mem
create_hw_bitstream -hw_device $dev [get_property PROGRAM.HW_CFGMEM_BITFILE $dev]
program_hw_devices $dev
program_hw_cfgmem -hw_cfgmem $mem
boot_hw_device $dev
puts "${marker}"
`

/**
 * Vivado in batch mode, for the Artix-7 boards. Success is: exit code 0, the marker at the end of the script, and no
 * `ERROR:` line. Never tried on hardware.
 */
export class Vivado implements Programmer {
  readonly name = command
  readonly finishesOnAbort = false
  readonly holdsReset = false
  readonly read = undefined
  readonly #target: FlashTarget
  readonly #folder: ProgramFolder

  private constructor(target: FlashTarget, folder: ProgramFolder) {
    this.#target = target
    this.#folder = folder
  }

  /** Throws GG_TOOL_MISSING. */
  static async open(target: FlashTarget, signal?: AbortSignal): Promise<Vivado> {
    if (target.vivado === undefined)
      throw new GemgateError('GG_USAGE', `Vivado does not program ${target.board}`, 'Use another --tool.')
    await runProgram(command, ['-version'], { limit: 120_000, signal })
    return new Vivado(target, await ProgramFolder.make())
  }

  affected(length: number): number {
    return length
  }

  async program(image: Uint8Array, monitor: FlashMonitor, signal?: AbortSignal): Promise<void> {
    const { device, flash } = this.#target.vivado!
    const file = await this.#folder.write('image.bit', image)
    const source = await this.#folder.write('flash.tcl', script)
    const megabytes = String(this.#target.flashBytes / 2 ** 20)
    const values = [file, this.#folder.file('image.bin'), device, flash, megabytes]
    const args = [
      '-mode',
      'batch',
      '-nojournal',
      '-nolog',
      '-notrace',
      '-source',
      source,
      '-tclargs',
      ...values,
    ]
    monitor.changes()
    const run = await runProgram(command, args, {
      limit,
      signal,
      onOutput: (text) => {
        if (/Performing Program/i.test(text)) monitor.enter('write')
        if (/Performing Verify/i.test(text)) monitor.enter('verify')
      },
    })
    const said = `${run.stdout}\n${run.stderr}`
    const failed = /^(ERROR: .*)$/m.exec(said)?.[1]
    if (run.code !== 0 || failed !== undefined || !said.split(/\r?\n/).includes(marker))
      throw programFailure(
        command,
        `${failed ?? 'it did not get to the end'} (exit code ${run.code})`,
        run,
        'Check the JTAG cable and that no other hardware manager holds it.',
      )
  }

  /** The script starts the device; PCIe boards need their computer to start again before the link is there. */
  async configure(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}
