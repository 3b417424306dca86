import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fromSystem } from '../frame/file-errors.ts'
import type { Frame } from '../frame/frame.ts'
import { loadPedestal } from '../frame/pedestal-file.ts'
import { type FrameFailure, type FrameSkip, readFrames } from '../frame/read-frames.ts'
import { readTruth } from '../frame/truth-file.ts'
import {
  type ConditionOptions,
  type Conditions,
  pedestalConditions,
  spatialConditions,
} from './conditions.ts'

/** Frames with the conditions to process them under, and the list of what could not be read. */
export interface FrameSource {
  readonly name: string
  readonly conditions: Conditions
  /** What failed so far; complete when `frames` has ended. */
  readonly failures: readonly FrameFailure[]
  /** Files that hold no frames. */
  readonly skipped: readonly FrameSkip[]
  /** What is known of the light scale, for reports. */
  readonly light: { readonly aduPerKeVee?: number }
  /** Frames to expect, where known. */
  readonly expected: number | undefined
  frames(signal?: AbortSignal): AsyncIterable<Frame>
}

export interface FileSourceOptions extends ConditionOptions {
  /** A pedestal file; default pedestal.npz in the folder, else the frames themselves. */
  readonly pedestal?: string
}

/**
 * Frames of a file or folder. In a folder, `pedestal.npz` and `truth.jsonl` (as `gemgate generate` writes
 * them) are used where they lie. A file that fails is recorded, and the next one is read.
 */
export async function fileSource(path: string, options: FileSourceOptions = {}): Promise<FrameSource> {
  await stat(path).catch((error: unknown) => {
    throw fromSystem(path, error)
  })
  const failures: FrameFailure[] = []
  const skipped: FrameSkip[] = []
  const beside = async (name: string): Promise<string | undefined> => {
    const file = join(path, name)
    return (await stat(file).catch(() => undefined))?.isFile() === true ? file : undefined
  }
  const pedestalFile = options.pedestal ?? (await beside('pedestal.npz'))
  const truthFile = await beside('truth.jsonl')
  const truth = truthFile === undefined ? undefined : await readTruth(truthFile)
  const used = new Set([pedestalFile, truthFile])
  return {
    name: path,
    conditions:
      pedestalFile === undefined
        ? spatialConditions(options)
        : pedestalConditions(
            await loadPedestal(pedestalFile),
            [],
            `pedestal ${pedestalFile}, sha256 ${await digest(pedestalFile)}`,
            options,
          ),
    failures,
    skipped,
    light: {},
    expected: truth?.size,
    async *frames(signal) {
      const reading = readFrames(path, {
        onFailure: (failure) => failures.push(failure),
        onSkip: (skip) => {
          if (!used.has(skip.file)) skipped.push(skip)
        },
        ...(signal === undefined ? {} : { signal }),
      })
      for await (const frame of reading) {
        const own = truth?.get(basename(frame.source))
        yield own === undefined ? frame : { ...frame, truth: own }
      }
    },
  }
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 16)
}
