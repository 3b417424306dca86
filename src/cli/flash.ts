import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { findBoard } from '../toolchain/boards.ts'
import { openBackup } from '../toolchain/flash/backup-file.ts'
import { type CheckedImage, checkFormer, checkImage } from '../toolchain/flash/check-image.ts'
import type { FlashMonitor, FlashStep } from '../toolchain/flash/flash-monitor.ts'
import { type FlashTarget, type FlashTool, flashTarget } from '../toolchain/flash/flash-target.ts'
import { openProgrammer } from '../toolchain/flash/open-programmer.ts'
import { type FlashOptions, flashBoard, restoreBoard } from '../toolchain/flash/procedure.ts'
import { readManifest } from '../toolchain/manifest.ts'
import { askBuildOver } from './ask-build.ts'
import { flashPort } from './flash-port.ts'
import { jsonOption } from './options.ts'
import { type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { readInput } from './read-input.ts'

interface Options {
  readonly port?: string
  readonly tool: FlashTool | 'auto'
  readonly usb?: string
  readonly check?: boolean
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
    .argument('[image]', 'image with its manifest beside it (default: bitstreams/BOARD.bin)')
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
  if (options.restore !== undefined && (image !== undefined || options.check === true))
    throw new GemgateError('GG_USAGE', '--restore takes neither an image nor --check', 'Leave one out.')
  const backup = options.restore === undefined ? undefined : await openBackup(options.restore, board)
  const file = image ?? join(packageRoot, 'bitstreams', `${board}.bin`)
  const checked =
    backup === undefined ? await checkFile(file, target, output, options.check === true) : undefined
  if (options.check === true) return
  if (checked !== undefined && checked.build === undefined)
    throw new GemgateError(
      'GG_IMAGE',
      'the image has no manifest beside it, so nothing could tell whether the board runs it afterwards',
      'Use the image and the manifest that gemgate build wrote.',
      { file },
    )
  const port = await flashPort(profile, options.port)
  const steps = new Steps()
  const procedure: FlashOptions = {
    board,
    openProgrammer: (abort) =>
      openProgrammer(options.tool, target, { usbSerial: options.usb, signal: abort }),
    askBuild: askBuildOver(port.open),
    closeLink: port.free,
    backupFolder: options.backup === false ? null : resolve(options.backup),
    checkBackup: (bytes) => checkFormer(bytes, target),
    monitor: steps,
    signal,
  }
  try {
    const result =
      backup === undefined
        ? await flashBoard(checked!, procedure)
        : { ...(await restoreBoard(backup, procedure)), backup: options.restore! }
    steps.finish()
    const build = result.build === null ? null : hex(result.build)
    output.text(
      build === null
        ? `${board} has back what it had, read back; the backup knows no build id to ask for`
        : `${board} runs the build ${build}`,
    )
    if (backup === undefined && result.backup !== null) output.text(`what it had before: ${result.backup}`)
    output.result({ ...result, build, port: port.address })
  } finally {
    steps.finish()
  }
}

/** Checks a file and says what it is. */
async function checkFile(
  file: string,
  target: FlashTarget,
  output: Output,
  report: boolean,
): Promise<CheckedImage> {
  const size = await stat(file).catch(() => undefined)
  if (size !== undefined && !size.isDirectory() && (!size.isFile() || size.size > target.flashBytes))
    throw new GemgateError(
      'GG_IMAGE',
      size.isFile() ? `${size.size} bytes do not fit into the flash of ${target.board}` : 'this is no file',
      'Give the image that gemgate build wrote.',
      { file },
    )
  const bytes = await readInput(file, 'the image', `Build it: gemgate build ${target.board}`)
  const manifestFile = `${file.replace(/\.(bin|bit)$/, '')}.json`
  const manifest = await readManifest(manifestFile).catch((error: unknown) => {
    if (error instanceof GemgateError && error.code === 'GG_FILE_NOT_FOUND') return undefined
    throw error
  })
  const checked = checkNamed(file, () => checkImage(bytes, target, manifest))
  const notes = manifest === undefined ? ['no manifest: only the CRC speaks for the data'] : []
  output.text(
    `${file}: ${checked.description}${checked.build === undefined ? '' : `, build ${hex(checked.build)}`}`,
  )
  for (const note of [...notes, ...checked.notes]) output.text(`note: ${note}`)
  if (report)
    output.result({
      ok: true,
      board: target.board,
      image: file,
      bytes: bytes.length,
      sha256: checked.sha256,
      build: checked.build === undefined ? null : hex(checked.build),
      description: checked.description,
      notes: [...notes, ...checked.notes],
    })
  return checked
}

/** Errors of an image with its file. */
function checkNamed(file: string, check: () => CheckedImage): CheckedImage {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof GemgateError) || error.file !== undefined) throw error
    const { code, message, remedy, offset, cause } = error
    throw new GemgateError(code, message, remedy, {
      file,
      cause,
      ...(offset === undefined ? {} : { offset }),
    })
  }
}

/** A progress bar for each step that counts. */
class Steps implements FlashMonitor {
  #step: FlashStep = 'connect'
  #bar: Progress | undefined

  enter(step: FlashStep): void {
    this.finish()
    this.#step = step
  }

  progress(done: number, total: number): void {
    this.#bar ??= new Progress(this.#step, total)
    this.#bar.reach(done)
  }

  finish(): void {
    this.#bar?.finish()
    this.#bar = undefined
  }
}

function hex(build: bigint): string {
  return build.toString(16).padStart(16, '0')
}
