import { GemgateError } from '../core/errors.ts'
import type { Frame } from '../frame/frame.ts'
import type { Pedestal } from '../frame/pedestal.ts'
import { PedestalBuilder } from '../frame/pedestal-builder.ts'
import { type FrameFailure, readFrames } from '../frame/read-frames.ts'

/** Frames without light from which thresholds are calibrated. */
export const calibrationFrames = 8
/** Fewer frames give no usable sigma per pixel. */
const fewestFrames = 10
/** With fewer frames those of the calibration are in the pedestal, too, and look a little quieter than others. */
const separateFrom = calibrationFrames + fewestFrames

/**
 * A pedestal run: the first frames of a file or folder for the calibration, and per-pixel mean and sigma of the others,
 * or of all where these are too few. Throws GG_PEDESTAL for fewer than ten frames, and what a frame file that fails throws.
 */
export async function pedestalRun(path: string): Promise<{ pedestal: Pedestal; dark: Frame[] }> {
  let builder: PedestalBuilder | undefined
  let count = 0
  const dark: Frame[] = []
  for await (const frame of readFrames(path, { onFailure: refuse })) {
    builder ??= new PedestalBuilder(frame.width, frame.height)
    if (dark.length < calibrationFrames) dark.push(frame)
    else builder.add(frame)
    count++
  }
  if (builder === undefined || count < fewestFrames)
    throw new GemgateError(
      'GG_PEDESTAL',
      `${count} frames are too few for a pedestal`,
      `Give at least ${fewestFrames} frames without light, or a pedestal .npz.`,
      { file: path },
    )
  if (count < separateFrom) for (const frame of dark) builder.add(frame)
  return { pedestal: builder.finish(), dark }
}

/** The first frames without light of a file or folder. */
export async function darkFrames(path: string): Promise<Frame[]> {
  const dark: Frame[] = []
  for await (const frame of readFrames(path, { onFailure: refuse })) {
    dark.push(frame)
    if (dark.length === calibrationFrames) break
  }
  return dark
}

/** A pedestal run with a hole is not silently a smaller one. */
function refuse({ file, code, message, remedy }: FrameFailure): never {
  throw new GemgateError(code, message, remedy ?? 'Remove the file from the pedestal run.', { file })
}
