import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import type { BoardProfile } from '../toolchain/board-profile.ts'
import { type CheckedImage, checkImage } from '../toolchain/flash/check-image.ts'
import type { FlashTarget } from '../toolchain/flash/flash-target.ts'
import { readManifest } from '../toolchain/manifest.ts'
import type { Output } from './output.ts'
import { readInput } from './read-input.ts'

/** The image that `gemgate build` wrote in this folder, or the one that came with gemgate. */
export async function defaultImage({ name, flow }: BoardProfile): Promise<string> {
  if (flow !== 'ice40')
    throw new GemgateError(
      'GG_USAGE',
      `there is no ready image of ${name}: name the one to flash`,
      `gemgate build ${name} writes a project for other tools; give the .bit that they make.`,
    )
  for (const file of [join('bitstreams', `${name}.bin`), join(packageRoot, 'bitstreams', `${name}.bin`)])
    if ((await stat(file).catch(() => undefined)) !== undefined) return file
  throw new GemgateError(
    'GG_FILE_NOT_FOUND',
    `there is no bitstreams/${name}.bin`,
    `Build it: gemgate build ${name}.`,
  )
}

/** Checks a file and says what it is. */
export async function checkFile(
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
      `Give an image of ${target.board}.`,
      { file },
    )
  const bytes = await readInput(file, 'the image', `Give an image of ${target.board}.`)
  const manifest = await readManifest(manifestOf(file)).catch((error: unknown) => {
    if (error instanceof GemgateError && error.code === 'GG_FILE_NOT_FOUND') return undefined
    throw error
  })
  const checked = checkNamed(file, () => checkImage(bytes, target, manifest))
  const notes = manifest === undefined ? ['no manifest: only the CRC speaks for the data'] : []
  output.text(
    `${file}: ${checked.description}${checked.build === undefined ? '' : `, build ${buildText(checked.build)}`}`,
  )
  for (const note of [...notes, ...checked.notes]) output.text(`note: ${note}`)
  if (report)
    output.result({
      ok: true,
      board: target.board,
      image: file,
      bytes: bytes.length,
      sha256: checked.sha256,
      build: checked.build === undefined ? null : buildText(checked.build),
      description: checked.description,
      notes: [...notes, ...checked.notes],
    })
  return checked
}

/** Where the manifest of an image lies. */
export function manifestOf(file: string): string {
  return `${file.replace(/\.(bin|bit)$/, '')}.json`
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

/** A build id as manifests have it. */
export function buildText(build: bigint): string {
  return build.toString(16).padStart(16, '0')
}
