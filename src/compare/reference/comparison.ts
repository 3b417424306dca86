import type { Frame } from '../../frame/frame.ts'
import type { EventRecord } from '../../trigger/event-packet.ts'
import type { Region } from '../../trigger/regions.ts'
import { type FrameSize, RegionMask, regionsOf } from '../regions.ts'
import { type ReferenceEvent, referenceChain } from './chain.ts'
import { type RegionSummary, RegionTally } from './region-tally.ts'
import { type NoiseMaps, noiseMapsFromWords } from './residual.ts'
import { type ReferenceSettings, referenceSettingsFor } from './settings.ts'

/** CYGNO's offline chain, its online trigger and a device, all on the same frames. */
export interface ReferenceSummary {
  /** Of the last frame. */
  readonly settings: ReferenceSettings
  readonly chain: RegionSummary
  /** Share of the light in the rows that the chain looks at: the most it can keep; null without light. */
  readonly signalAccepted: number | null
  readonly device: RegionSummary
  /** Keeps or drops whole frames; null when it was off. */
  readonly tileTrigger: RegionSummary | null
}

/**
 * Runs the reference chain on the first frames of a comparison, and on as many frames without light, and
 * counts the same for the records of a device and for the tile trigger in them.
 */
export class ReferenceComparison {
  readonly #limit: number
  readonly #margin: number | undefined
  readonly #chain = new RegionTally()
  readonly #accepted = new RegionTally()
  readonly #device = new RegionTally()
  readonly #tiles = new RegionTally()
  #tilesOff = false
  #settings: ReferenceSettings | undefined
  #frames = 0
  #emptyFrames = 0
  #mask: RegionMask | undefined
  #maps: { readonly words: Uint32Array; readonly maps: NoiseMaps } | undefined

  /** @param margin macro-pixels around every box, see `regionsOf` */
  constructor(frames: number, margin?: number) {
    this.#limit = frames
    this.#margin = margin
  }

  /** @param pedestal the words that the frame was processed with, `record.width` to a row */
  frame(frame: Frame, record: EventRecord, pedestal: Uint32Array, milliseconds?: number): void {
    if (this.#frames >= this.#limit) return
    this.#frames++
    const settings = referenceSettingsFor(frame)
    const event = this.#reconstruct(frame, record, pedestal, settings)
    if (this.#mask?.width !== frame.width || this.#mask.height !== frame.height)
      this.#mask = new RegionMask(frame)
    const mask = this.#mask
    this.#chain.frame(frame, regionsOf(event, frame, this.#margin), mask, event.milliseconds)
    this.#accepted.frame(frame, [acceptedRegion(frame, settings)], mask)
    this.#device.frame(frame, regionsOf(record, frame, this.#margin), mask, milliseconds)
    this.#tilesOff ||= record.tileMasks.length === 0
    this.#tiles.frame(frame, tileRegions(record, frame), mask)
  }

  /** A frame without light, with the record of it. */
  emptyFrame(frame: Frame, record: EventRecord, pedestal: Uint32Array): void {
    if (this.#emptyFrames >= this.#limit) return
    this.#emptyFrames++
    const event = this.#reconstruct(frame, record, pedestal, referenceSettingsFor(frame))
    this.#chain.emptyFrame(regionsOf(event, frame, this.#margin))
    this.#device.emptyFrame(regionsOf(record, frame, this.#margin))
    this.#tiles.emptyFrame(tileRegions(record, frame))
  }

  /** Null when no frame went through. */
  finish(): ReferenceSummary | null {
    if (this.#settings === undefined || this.#frames === 0) return null
    return {
      settings: this.#settings,
      chain: this.#chain.finish(),
      signalAccepted: this.#accepted.finish().signalKept,
      device: this.#device.finish(),
      tileTrigger: this.#tilesOff ? null : this.#tiles.finish(),
    }
  }

  #reconstruct(
    frame: Frame,
    record: EventRecord,
    words: Uint32Array,
    settings: ReferenceSettings,
  ): ReferenceEvent {
    const { width, height } = frame
    this.#settings = settings
    if (this.#maps?.words !== words)
      this.#maps = { words, maps: noiseMapsFromWords(words, width, height, record.width) }
    return referenceChain(frame, this.#maps.maps, settings)
  }
}

/** The accepted rows over the whole width. */
function acceptedRegion({ width, height }: FrameSize, { acceptedRows }: ReferenceSettings): Region {
  const [y, end] = acceptedRows ?? [0, height]
  return { x: 0, y, width, height: end - y }
}

/** The whole frame where a tile fired, nothing otherwise. */
function tileRegions({ tileMasks }: EventRecord, { width, height }: FrameSize): Region[] {
  return tileMasks.some((mask) => mask !== 0) ? [{ x: 0, y: 0, width, height }] : []
}
