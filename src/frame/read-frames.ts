import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ErrorCode, GemgateError } from '../core/errors.ts'
import { detectFormat, type FrameFormat } from './detect.ts'
import { fromSystem, wrongFormat } from './file-errors.ts'
import type { Frame } from './frame.ts'
import { readHdf5 } from './hdf5.ts'
import { readMidas, readMidasGzip } from './midas.ts'
import { readNpy } from './npy.ts'
import type { Picture } from './picture.ts'
import { readPng } from './png.ts'

/** A file of a directory that could not be read, or not to its end. */
export interface FrameFailure {
  readonly file: string
  readonly code: ErrorCode
  readonly message: string
  readonly remedy?: string
  readonly offset?: number
}

/** A file of a directory that was left out because it holds no frames. */
export interface FrameSkip {
  readonly file: string
  readonly reason: string
}

export interface ReadFramesOptions {
  /** Called for each failed file of a directory; without it a failure becomes a process warning. */
  readonly onFailure?: (failure: FrameFailure) => void
  /** Called for each file of a directory that is no frame file: hidden, a folder, another format. */
  readonly onSkip?: (skip: FrameSkip) => void
  /** Checked before each frame; reading ends by throwing its reason. */
  readonly signal?: AbortSignal
}

const readers: Readonly<Record<FrameFormat, (path: string) => AsyncIterable<Picture>>> = {
  npy: readNpy,
  png: readPng,
  hdf5: readHdf5,
  midas: readMidas,
  'midas-gzip': readMidasGzip,
}

/**
 * The frames of a file, or of all frame files of a directory (not of its subfolders) ordered by name, with
 * numbers in names compared as numbers: pic_2 before pic_10. Frames are numbered from 0 in that order.
 *
 * A single file that fails throws its typed error after the good frames before the damage. In a directory
 * the failure goes to `onFailure` and the next file is read; files of other kinds go to `onSkip`.
 * No pixel is ever made up: a frame is whole or absent.
 */
export async function* readFrames(path: string, options: ReadFramesOptions = {}): AsyncGenerator<Frame> {
  const { signal } = options
  let number = 0
  const info = await stat(path).catch((error: unknown) => {
    throw fromSystem(path, error)
  })
  for await (const picture of info.isDirectory() ? readFolder(path, options) : readFile(path)) {
    signal?.throwIfAborted()
    yield { ...picture, number }
    number++
  }
  signal?.throwIfAborted()
}

async function* readFile(path: string): AsyncGenerator<Picture> {
  const { format, other } = await detectFormat(path)
  if (format === undefined)
    throw wrongFormat(path, `is ${other}`, 'Frames come as .npy, .png, .h5, .mid or .mid.gz')
  yield* readers[format](path)
}

async function* readFolder(folder: string, options: ReadFramesOptions): AsyncGenerator<Picture> {
  const { onFailure = warn, onSkip, signal } = options
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fromSystem(folder, error)
  })
  let candidates = 0
  for (const entry of entries.sort((a, b) => compareNames(a.name, b.name))) {
    signal?.throwIfAborted()
    const file = join(folder, entry.name)
    if (entry.name.startsWith('.')) {
      onSkip?.({ file, reason: 'is hidden' })
      continue
    }
    try {
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await stat(file)).isDirectory())) {
        onSkip?.({ file, reason: 'is a folder' })
        continue
      }
      const { format, other } = await detectFormat(file)
      if (format === undefined) {
        onSkip?.({ file, reason: `is ${other}` })
        continue
      }
      candidates++
      yield* readers[format](file)
    } catch (error) {
      const failure = fromSystem(file, error)
      if (!(failure instanceof GemgateError)) throw error
      candidates++
      onFailure(describe(file, failure))
    }
  }
  if (candidates === 0)
    throw wrongFormat(
      folder,
      'is a folder without frame files',
      'Frames come as .npy, .png, .h5, .mid or .mid.gz',
    )
}

function describe(file: string, error: GemgateError): FrameFailure {
  const { code, message, remedy, offset } = error
  return offset === undefined ? { file, code, message, remedy } : { file, code, message, remedy, offset }
}

function warn(failure: FrameFailure): void {
  process.emitWarning(`${failure.file} ${failure.message}`, { code: failure.code, type: 'GemgateWarning' })
}

/** By code units, but runs of digits by value; ties by plain order, so the order is total and locale-free. */
export function compareNames(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? []
  const partsB = b.match(/\d+|\D+/g) ?? []
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const x = partsA[i]!
    const y = partsB[i]!
    if (x === y) continue
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const difference = BigInt(x) - BigInt(y)
      if (difference !== 0n) return difference < 0n ? -1 : 1
    } else return x < y ? -1 : 1
  }
  return partsA.length - partsB.length || (a < b ? -1 : a > b ? 1 : 0)
}
