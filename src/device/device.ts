import type { LogicCapability } from '../board/capability.ts'
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

/** The classifier of a device on its own: vectors in, scores out, both in the host's memory. */
export interface DeviceClassifier {
  /** What computes: whose energy a meter has to read. */
  readonly processor: 'cpu' | 'gpu'
  /** `features[rows][9]` to scores `[rows][3]`: nuclear, electron, other. */
  classify(features: Int8Array, rows: number): Promise<ArrayLike<number>>
}

/** A record whose scores came as other numbers than int16; the packet holds them rounded. */
export interface ScoredRecord extends EventRecord {
  /** Scores as they came, three per cluster, in steps of the network's output. */
  readonly scoresAsGiven?: Float64Array
}

/**
 * Devices that take their clusters from the integer datapath on the host: only their scores say something
 * new, and no physics is taken from them.
 */
export function givesScoresOnly(address: string): boolean {
  return address.startsWith('onnx:') || address.startsWith('scores:')
}

/** Frames in, events out, in order, one event record per frame, also when nothing was found. */
export interface Device extends AsyncDisposable {
  readonly info: DeviceInfo
  /** What the logic behind the device can hold; absent where nothing but the specification limits it. */
  readonly capability?: LogicCapability
  /** Absent where the host cannot reach the classifier alone. */
  readonly classifier?: DeviceClassifier
  /**
   * Clocks of the logic from taking the last pixel of the latest frame to giving the last word of its packet,
   * counted by the logic or its simulation; undefined where nothing counts.
   */
  readonly clocksAfterLastPixel?: number | undefined
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
  ): AsyncIterable<ScoredRecord>
  /** Call after the last frame: throws GG_SCORES when the device holds answers for frames that never came. */
  finish?(): void
}
