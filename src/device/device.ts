import type { Frame } from '../frame/frame.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import type { TriggerSettings } from '../trigger/settings.ts'

export interface DeviceInfo {
  /** As it was opened: `model:`, `sim:`, `onnx:cpu`. */
  readonly address: string
  /** What stands behind the address, for people. */
  readonly description: string
}

export interface ProcessOptions {
  readonly signal?: AbortSignal
}

/** Frames in, events out, in order, one event record per frame, also when nothing was found. */
export interface Device extends AsyncDisposable {
  readonly info: DeviceInfo
  /**
   * `pedestal` holds width * height words (src/trigger/pedestal-words.ts). May be called between two calls
   * of `process`. Throws GG_SETTINGS or GG_PEDESTAL.
   */
  configure(settings: TriggerSettings, pedestal: Uint32Array): Promise<void>
  /**
   * Frames may be smaller than the configured geometry (padding, which the pedestal masks), never larger:
   * GG_FRAME_GEOMETRY. Record n belongs to frame n.
   */
  process(
    frames: AsyncIterable<Frame> | Iterable<Frame>,
    options?: ProcessOptions,
  ): AsyncIterable<EventRecord>
}
