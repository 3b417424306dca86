import type { Frame } from '../../frame/frame.ts'
import type { Region } from '../../trigger/regions.ts'
import { depositOutcomes } from '../match.ts'
import { quantile } from '../quantile.ts'
import type { RegionMask } from '../regions.ts'

/** What somebody's regions of interest came to; shares are means over frames, 0 ... 1. */
export interface RegionSummary {
  readonly frames: number
  /** Regions in these frames. */
  readonly clusters: number
  /** Light inside the regions over all light; null without light. */
  readonly signalKept: number | null
  readonly areaDiscarded: number | null
  /** Deposits with light, and those with at least half of it inside regions; null without truth. */
  readonly deposits: number | null
  readonly depositsFound: number | null
  /** Frames known to be without light, and the regions in them. */
  readonly emptyFrames: number
  readonly falseClusters: number
  /** Median time per frame, null where it was not measured. */
  readonly msPerFrame: number | null
}

/** Counts the regions of one finder, frame by frame. */
export class RegionTally {
  readonly #kept: number[] = []
  readonly #discarded: number[] = []
  readonly #milliseconds: number[] = []
  #clusters = 0
  #framesWithTruth = 0
  #deposits = 0
  #found = 0
  #emptyFrames = 0
  #falseClusters = 0

  /** @param mask of the size of the frame; its contents are replaced */
  frame(
    frame: Pick<Frame, 'truth'>,
    regions: readonly Region[],
    mask: RegionMask,
    milliseconds?: number,
  ): void {
    mask.set(regions)
    this.#clusters += regions.length
    this.#discarded.push(1 - mask.area / mask.inside.length)
    if (milliseconds !== undefined) this.#milliseconds.push(milliseconds)
    if (frame.truth === undefined) return
    this.#framesWithTruth++
    const outcomes = depositOutcomes(frame.truth, mask).filter((outcome) => outcome !== null)
    if (outcomes.length === 0) {
      this.emptyFrame(regions)
      return
    }
    const light = outcomes.reduce((sum, { adu }) => sum + adu, 0)
    this.#kept.push(outcomes.reduce((sum, { adu, kept }) => sum + adu * kept, 0) / light)
    this.#deposits += outcomes.length
    this.#found += outcomes.filter(({ found }) => found).length
  }

  /** A frame without light that counts for nothing else. */
  emptyFrame(regions: readonly Region[]): void {
    this.#emptyFrames++
    this.#falseClusters += regions.length
  }

  finish(): RegionSummary {
    const known = this.#framesWithTruth > 0
    return {
      frames: this.#discarded.length,
      clusters: this.#clusters,
      signalKept: mean(this.#kept),
      areaDiscarded: mean(this.#discarded),
      deposits: known ? this.#deposits : null,
      depositsFound: known ? this.#found : null,
      emptyFrames: this.#emptyFrames,
      falseClusters: this.#falseClusters,
      msPerFrame: quantile(this.#milliseconds, 0.5),
    }
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
