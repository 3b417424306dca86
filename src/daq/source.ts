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
import { darkFrames, pedestalRun } from './pedestal-run.ts'

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
  /**
   * A pedestal .npz, or a file or folder of frames without light (a pedestal run). Default: pedestal.npz in
   * the folder, else its subfolder dark, else an estimate from each frame.
   */
  readonly pedestal?: string
}

/**
 * Frames of a file or folder. In a folder, `pedestal.npz`, `dark` (frames without light) and `truth.jsonl`
 * (as `gemgate generate` writes them) are used where they lie. A file that fails is recorded, and the next one is read.
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
  const dark = (await isFolder(join(path, 'dark'))) ? join(path, 'dark') : undefined
  const pedestalFile = options.pedestal ?? (await beside('pedestal.npz')) ?? dark
  const truthFile = await beside('truth.jsonl')
  const truth = truthFile === undefined ? undefined : await readTruth(truthFile)
  const used = new Set([pedestalFile, truthFile, dark, join(path, 'dataset.json')])
  return {
    name: path,
    conditions: await conditionsFrom(pedestalFile, dark, options),
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

async function conditionsFrom(
  pedestal: string | undefined,
  dark: string | undefined,
  options: ConditionOptions,
): Promise<Conditions> {
  if (pedestal === undefined) return spatialConditions(options)
  if (!pedestal.endsWith('.npz')) {
    const run = await pedestalRun(pedestal)
    return pedestalConditions(
      run.pedestal,
      run.dark,
      `pedestal run ${pedestal}, ${run.pedestal.frames} frames`,
      options,
    )
  }
  return pedestalConditions(
    await loadPedestal(pedestal),
    dark === undefined ? [] : await darkFrames(dark),
    `pedestal ${pedestal}, sha256 ${await digest(pedestal)}`,
    options,
  )
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 16)
}
