import { GemgateError } from '../../core/errors.ts'
import { type Backup, saveBackup } from './backup-file.ts'
import type { CheckedImage } from './check-image.ts'
import type { AskBuild, FlashOptions, FlashResult, RestoreResult } from './flash-options.ts'
import { FlashRun } from './flash-run.ts'

/**
 * Puts a checked image onto a board. Succeeds only when the board, asked over its link, returns the build id of the
 * manifest; without `askBuild` it ends with `build` null, and `confirmBoard` has the last word. Abort is obeyed where
 * the board is whole: until erasing begins, and after the image was verified.
 *
 * @throws GemgateError GG_IMAGE for an image without manifest; what `openProgrammer` throws, and `askBuild` when the
 *   link cannot be opened; else GG_FLASH, whose message names the step and the state of the board, whose remedy says
 *   how to restore
 */
export async function flashBoard(image: CheckedImage, options: FlashOptions): Promise<FlashResult> {
  const build = promisedBuild(image)
  const run = new FlashRun(options)
  const former = await run.askFormer()
  const { programmer, backup } = await run.program(
    options.openProgrammer,
    image.bytes,
    async (programmer) => {
      await run.proveSameBoard(programmer, former, build)
      if (options.backupFolder === null || programmer.read === undefined) return undefined
      const bytes = await run.read(programmer, programmer.affected(image.bytes.length))
      if (former !== undefined) options.checkBackup?.(bytes)
      return saveBackup(options.backupFolder, options.board, bytes, former)
    },
  )
  return {
    board: options.board,
    programmer,
    sha256: image.sha256,
    bytes: image.bytes.length,
    build: await run.confirm(build),
    notes: run.notes,
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
  const build = buildId === null ? undefined : BigInt(`0x${buildId}`)
  const run = new FlashRun(options)
  run.restores = backup.file
  const former = await run.askFormer()
  const { programmer } = await run.program(
    options.openProgrammer,
    backup.bytes,
    async (programmer) => {
      await run.proveSameBoard(programmer, former, build)
      return undefined
    },
    build !== undefined,
  )
  return {
    board: options.board,
    programmer,
    sha256,
    bytes: backup.bytes.length,
    build: build === undefined ? null : await run.confirm(build),
    notes: run.notes,
  }
}

/**
 * Only asks a board whether it runs an image, as flashing does at its end.
 * @throws GemgateError GG_IMAGE for an image without manifest, GG_FLASH
 */
export async function confirmBoard(
  image: CheckedImage,
  options: Pick<FlashOptions, 'board' | 'monitor' | 'signal' | 'clock'> & { readonly askBuild: AskBuild },
): Promise<bigint> {
  const build = promisedBuild(image)
  const run = new FlashRun(options)
  await run.confirm(build)
  return build
}

function promisedBuild({ build }: CheckedImage): bigint {
  if (build !== undefined) return build
  throw new GemgateError(
    'GG_IMAGE',
    'the image has no manifest, so nothing could tell whether the board runs it afterwards',
    'Put the manifest that was made with the image beside it.',
  )
}
