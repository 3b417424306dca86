import type { RecoilClass } from '../frame/truth.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import type { DepositOutcome } from './match.ts'

/** How many of a number of things. */
export interface Share {
  readonly part: number
  readonly all: number
}

/** What the tile-deviation trigger, which keeps or drops whole frames, came to beside the clusters. */
export interface TileTriggerSummary {
  /** Frames in which at least one tile fired. */
  readonly fired: Share
  /** Frames with clusters in which no tile fired. */
  readonly missedWithClusters: Share
  /** Frames without clusters in which a tile fired. */
  readonly firedWithoutClusters: Share
  /** Frames known to hold no light in which a tile fired, dark frames included. */
  readonly firedWithoutLight: Share
  /** Deposits in frames in which no tile fired, by true class. */
  readonly missedDeposits: Readonly<Record<RecoilClass, Share>>
}

type Tiles = Pick<EventRecord, 'tileMasks'>

/** Counts frames whose record has tile masks; a record without them had the tile trigger off. */
export class TileCounter {
  readonly #fired = { part: 0, all: 0 }
  readonly #missed = { part: 0, all: 0 }
  readonly #without = { part: 0, all: 0 }
  readonly #dark = { part: 0, all: 0 }
  readonly #deposits = {
    nuclear: { part: 0, all: 0 },
    electron: { part: 0, all: 0 },
    other: { part: 0, all: 0 },
  }

  frame(record: Tiles & Pick<EventRecord, 'clusters'>, outcomes: readonly (DepositOutcome | null)[]): void {
    if (record.tileMasks.length === 0) return
    const hit = fired(record)
    add(this.#fired, hit)
    if (record.clusters.length > 0) add(this.#missed, !hit)
    else add(this.#without, hit)
    for (const outcome of outcomes) if (outcome !== null) add(this.#deposits[outcome.class], !hit)
  }

  /** A frame without light; one of the run is given to `frame` as well. */
  emptyFrame(record: Tiles): void {
    if (record.tileMasks.length > 0) add(this.#dark, fired(record))
  }

  /** Null when the tile trigger was off in all frames. */
  finish(): TileTriggerSummary | null {
    if (this.#fired.all + this.#dark.all === 0) return null
    return {
      fired: this.#fired,
      missedWithClusters: this.#missed,
      firedWithoutClusters: this.#without,
      firedWithoutLight: this.#dark,
      missedDeposits: this.#deposits,
    }
  }
}

function fired({ tileMasks }: Tiles): boolean {
  return tileMasks.some((mask) => mask !== 0)
}

function add(share: { part: number; all: number }, yes: boolean): void {
  share.all++
  if (yes) share.part++
}
