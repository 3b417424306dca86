import { GemgateError } from '../core/errors.ts'
import type { Device } from '../device/device.ts'
import type { Configuration } from '../device/frame-loader.ts'
import type { Frame } from '../frame/frame.ts'
import type { FrameFailure } from '../frame/read-frames.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import type { FrameSource } from './source.ts'

/** One frame, what every device made of it, and how long each took. */
export interface Acquired {
  readonly frame: Frame
  readonly configuration: Configuration
  /** By address. */
  readonly records: ReadonlyMap<string, EventRecord>
  /** From handing the frame over until the record is here. */
  readonly milliseconds: ReadonlyMap<string, number>
}

export interface AcquireOptions {
  readonly signal?: AbortSignal
  /** Stop after this many frames. */
  readonly frames?: number
  /** Take the first frame through every device once before it counts, so that times are those of warm code. */
  readonly warmUp?: boolean
  /** Called for a frame that no device could take; without it the error is thrown. */
  readonly onFailure?: (failure: FrameFailure) => void
}

/**
 * Drives frames through one or more devices, reconfiguring them when the conditions change. One frame is in
 * memory at a time.
 */
export async function* acquire(
  source: FrameSource,
  devices: readonly Device[],
  options: AcquireOptions = {},
): AsyncGenerator<Acquired, void, void> {
  const { signal, frames: limit = Number.POSITIVE_INFINITY, onFailure } = options
  if (limit <= 0) return
  let current: Configuration | undefined
  let count = 0
  for await (const frame of source.frames(signal)) {
    let configuration: Configuration
    try {
      configuration = source.conditions.forFrame(frame)
    } catch (error) {
      if (!(error instanceof GemgateError) || onFailure === undefined) throw error
      onFailure({
        file: frame.source,
        code: error.code,
        message: error.message,
        remedy: error.remedy,
      })
      continue
    }
    if (configuration !== current) {
      for (const device of devices) await device.configure(configuration.settings, configuration.pedestal)
      if (options.warmUp === true && current === undefined)
        for (const device of devices) for await (const _ of device.process([frame]));
      current = configuration
    }
    const records = new Map<string, EventRecord>()
    const milliseconds = new Map<string, number>()
    for (const device of devices) {
      const start = performance.now()
      for await (const record of device.process([frame], signal === undefined ? {} : { signal })) {
        milliseconds.set(device.info.address, performance.now() - start)
        records.set(device.info.address, record)
      }
    }
    yield { frame, configuration, records, milliseconds }
    if (++count >= limit) return
  }
}
