import type { RecoilClass } from '../frame/truth.ts'

/** What `gemgate run --json` says of the frames. */
export interface RunResult {
  readonly frames: number
  readonly clusters: number
  /** Clusters by the class that won. */
  readonly recoils: Readonly<Record<RecoilClass, number>>
  /** Share of the light inside the regions; null without truth. */
  readonly signalKept: number | null
  /** Share of the area outside the regions, mean over frames; null without truth. */
  readonly areaDiscarded: number | null
}
