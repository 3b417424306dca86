import { basename, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { GemgateError } from '../core/errors.ts'
import type { BoardProfile } from '../toolchain/board-profile.ts'
import { findBoard } from '../toolchain/boards.ts'
import { openBackup } from '../toolchain/flash/backup-file.ts'
import { checkFormer } from '../toolchain/flash/check-image.ts'
import type { FlashMonitor } from '../toolchain/flash/flash-monitor.ts'
import type { FlashOptions, FlashResult } from '../toolchain/flash/flash-options.ts'
import { type FlashTarget, type FlashTool, flashTarget } from '../toolchain/flash/flash-target.ts'
import { openProgrammer } from '../toolchain/flash/open-programmer.ts'
import { confirmBoard, flashBoard, restoreBoard } from '../toolchain/flash/procedure.ts'
import { askBuildOver } from './ask-build.ts'
import { buildText, checkFile, defaultImage, manifestOf } from './flash-image.ts'
import { type FlashPort, flashPort, unnamed } from './flash-port.ts'
import { FlashSteps } from './flash-steps.ts'
import { jsonOption } from './options.ts'
import { exitCode, type Output, perform } from './output.ts'

interface Options {
  readonly port?: string
  readonly tool: FlashTool | 'auto'
  readonly usb?: string
  readonly check?: boolean
  readonly confirm?: boolean
  readonly restore?: string
  readonly backup: string | false
  readonly json?: boolean
}

export function flashCommand(): Command {
  return new Command('flash')
    .description(
      'check an image, program a board with it, and confirm by the build id that the board runs it',
    )
    .argument('<board>', 'icebreaker, hx8k, ...; gemgate boards lists them')
    .argument('[image]', 'image with its manifest beside it (iCE40 default: bitstreams/BOARD.bin)')
    .option(
      '--port <address>',
      'link of the board, serial:/dev/ttyUSB1 (default: the port of its USB bridge)',
    )
    .addOption(
      new Option('--tool <name>', 'what writes the flash')
        .choices(['auto', 'mpsse', 'iceprog', 'openfpgaloader', 'dfu-util', 'vivado'])
        .default('auto'),
    )
    .option('--usb <serial>', 'serial number of the USB bridge, where several are plugged in')
    .option('--check', 'only check the image, touch no board')
    .option('--confirm', 'only ask the board whether it runs the image')
    .option('--restore <file>', 'write back what a board had, from a backup')
    .option('--backup <folder>', 'where what the board had is kept', 'flash-backup')
    .option('--no-backup', 'do not read what the board had')
    .addOption(jsonOption())
    .action((board: string, image: string | undefined, options: Options) =>
      perform(options.json === true, (output, signal) => flash(board, image, options, output, signal)),
    )
}

async function flash(
  board: string,
  image: string | undefined,
  options: Options,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const profile = findBoard(board)
  const target = flashTarget(profile)
  if (target === undefined)
    throw new GemgateError('GG_USAGE', `${board} cannot be flashed by gemgate`, 'Use the tools of its maker.')
  if (options.restore !== undefined)
    return restore(options.restore, image, profile, target, options, output, signal)
  if (options.check === true && options.confirm === true)
    throw new GemgateError('GG_USAGE', '--check and --confirm exclude each other', 'Leave one out.')
  const file = image ?? (await defaultImage(profile))
  const checked = await checkFile(file, target, output, options.check === true)
  if (options.check === true) return
  if (checked.build === undefined)
    throw new GemgateError(
      'GG_IMAGE',
      `without its manifest ${basename(manifestOf(file))} nothing could tell whether the board runs the image`,
      'Put the manifest that was made with the image beside it.',
      { file },
    )
  const port = await flashPort(profile, options.port)
  const steps = new FlashSteps()
  try {
    if (options.confirm === true) {
      if (port.address === null) throw unnamed(board)
      const build = buildText(
        await confirmBoard(checked, { board, askBuild: askBuildOver(port.open), monitor: steps, signal }),
      )
      output.text(`${board} runs the build ${build}`)
      return output.result({ board, build, confirmed: true, port: port.address })
    }
    const result = await flashBoard(checked, procedure(profile, target, port, options, steps, signal))
    steps.finish()
    tell(result, port, output, 'is written, and not confirmed yet')
    if (result.backup !== null) output.text(`what it had before: ${result.backup}`)
    if (result.build !== null) return
    output.text('A PCIe board answers only when its computer has started again: restart it, then')
    output.text(`gemgate flash ${board} ${file} --confirm --port ${port.address ?? 'xdma:/dev/xdma0'}`)
    process.exitCode = exitCode.failed
  } finally {
    steps.finish()
  }
}

async function restore(
  file: string,
  image: string | undefined,
  profile: BoardProfile,
  target: FlashTarget,
  options: Options,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { name } = profile
  if (image !== undefined || options.check === true || options.confirm === true)
    throw new GemgateError(
      'GG_USAGE',
      '--restore takes neither an image nor --check nor --confirm',
      'Leave one out.',
    )
  if (target.format.kind !== 'ice40')
    throw new GemgateError(
      'GG_USAGE',
      `there are no backups of ${name}: its tools do not read the flash`,
      'Flash a former image.',
    )
  const backup = await openBackup(file, name)
  const port = await flashPort(profile, options.port)
  const steps = new FlashSteps()
  try {
    const result = await restoreBoard(backup, procedure(profile, target, port, options, steps, signal))
    steps.finish()
    tell(
      { ...result, backup: file },
      port,
      output,
      'has back what it had, read back; the backup knows no build id to ask for',
    )
  } finally {
    steps.finish()
  }
}

function procedure(
  { name: board, link }: BoardProfile,
  target: FlashTarget,
  port: FlashPort,
  options: Options,
  monitor: FlashMonitor,
  signal: AbortSignal,
): FlashOptions {
  return {
    board,
    openProgrammer: (abort) =>
      openProgrammer(options.tool, target, { usbSerial: options.usb, signal: abort }),
    askBuild: link.kind === 'pcie' ? null : askBuildOver(port.open),
    closeLink: port.free,
    backupFolder: options.backup === false ? null : resolve(options.backup),
    checkBackup: (bytes) => checkFormer(bytes, target),
    monitor,
    signal,
  }
}

/** Says how it ended; `unasked` where there is no build id to name. */
function tell(result: FlashResult, { address }: FlashPort, output: Output, unasked: string): void {
  const { board, build, notes } = result
  output.text(build === null ? `${board} ${unasked}` : `${board} runs the build ${buildText(build)}`)
  for (const note of notes) output.text(`note: ${note}`)
  output.result({
    ...result,
    build: build === null ? null : buildText(build),
    confirmed: build !== null,
    port: address,
  })
}
