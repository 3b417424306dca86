import type { Frame } from '../frame/frame.ts'
import type { RecoilClass } from '../frame/truth.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { type Region, regionMargin } from '../trigger/regions.ts'
import { type EfficiencyBin, EfficiencyHistogram, type Fraction, fraction } from './efficiency.ts'
import {
  type ClusterMatch,
  type DepositOutcome,
  depositOutcomes,
  matchClusters,
  recoilClasses,
} from './match.ts'
import { type MatchedRoc, matchedRoc, type ScoredRecoil } from './matched.ts'
import { RegionMask, regionsOf } from './regions.ts'
import type { Measured } from './roc.ts'
import { TileCounter, type TileTriggerSummary } from './tile-counter.ts'

/** What the regions of one frame come to. */
export interface FramePhysics {
  readonly frame: number
  /** One per cluster, see `regionsOf`. */
  readonly regions: readonly Region[]
  readonly areaDiscarded: number
  /** Null without light. */
  readonly signalKept: number | null
  /** Null without truth. */
  readonly matches: readonly ClusterMatch[] | null
  /** One per deposit of the truth, null for one without light; empty without truth. */
  readonly outcomes: readonly (DepositOutcome | null)[]
}

/** One line of the per-frame table. */
export type FrameSummary = Pick<FramePhysics, 'frame' | 'areaDiscarded' | 'signalKept'> & {
  readonly clusters: number
}

/** A classified cluster: nuclear minus electron score, and the true class where it is known. */
export interface ScoreEntry {
  readonly score: number
  readonly winner: RecoilClass
  readonly truth: RecoilClass | null
}

/** What is counted of a frame without light. */
export type EmptyRecord = Pick<EventRecord, 'clusters'> & Partial<Pick<EventRecord, 'tileMasks'>>

/** Everything measured, with errors and counts. */
export interface PhysicsDetail {
  /** Null when no frame had light. */
  readonly signalKept: Measured | null
  /** Null without frames. */
  readonly areaDiscarded: Measured | null
  /** Frames with light, and frames without. */
  readonly framesWithLight: number
  /** Frames that came with their truth, also an empty one. */
  readonly framesWithTruth: number
  readonly emptyFrames: number
  readonly falseRois: number
  /** Clusters of frames with light in whose box is no light. */
  readonly unmatchedClusters: number
  readonly ambiguousClusters: number
  /** Clusters in whose box is light of a second deposit, of the same class or another. */
  readonly pileUpClusters: number
  /** Found deposits that are not the brightest one of any cluster: they lie in the region of another deposit's cluster. */
  readonly mergedDeposits: number
  readonly efficiency: readonly EfficiencyBin[]
  readonly efficiencyByClass: Readonly<Record<RecoilClass, Fraction | null>>
  readonly matched: MatchedRoc | null
  /** Unambiguous best clusters: confusion[true class][winning class]. */
  readonly confusion: Readonly<Record<RecoilClass, Readonly<Record<RecoilClass, number>>>>
  readonly scores: readonly ScoreEntry[]
  readonly frames: readonly FrameSummary[]
  /** Clusters by winning class, with and without truth. */
  readonly clusters: Readonly<Record<RecoilClass, number>>
  /** Null when the tile trigger was off. */
  readonly tiles: TileTriggerSummary | null
}

export interface PhysicsOptions {
  /** Macro-pixels around a cluster box, see `regionsOf`. */
  readonly margin?: number
  /** Edges of the efficiency bins in keVee. */
  readonly efficiencyEdges?: readonly number[]
  /** Edges of the bins for the matched AUC in keVee. */
  readonly matchedEdges?: readonly number[]
}

/**
 * Accumulates physics from frames and the records of one device; keeps numbers, never pixels.
 *
 * `signalKept` = light inside the union of the regions over all light, `areaDiscarded` = 1 - |union| / N, both
 * averaged over frames: the definitions behind the figures of arXiv 2512.24290, with the simulated noise-free
 * light in place of the offline reconstruction's clusters.
 */
export class PhysicsCollector {
  readonly #options: PhysicsOptions
  readonly #efficiency: EfficiencyHistogram
  readonly #byClass = { nuclear: [0, 0], electron: [0, 0], other: [0, 0] } as Record<RecoilClass, number[]>
  readonly #recoils = { nuclear: [] as ScoredRecoil[], electron: [] as ScoredRecoil[] }
  readonly #confusion = { nuclear: zero(), electron: zero(), other: zero() }
  readonly #clusters = zero()
  readonly #scores: ScoreEntry[] = []
  readonly #frames: FrameSummary[] = []
  #framesWithTruth = 0
  #mask: RegionMask | undefined
  #emptyFrames = 0
  #falseRois = 0
  #unmatched = 0
  #ambiguous = 0
  #pileUp = 0
  #merged = 0
  readonly #tiles = new TileCounter()

  constructor(options: PhysicsOptions = {}) {
    this.#options = options
    this.#efficiency = new EfficiencyHistogram(options.efficiencyEdges)
  }

  frame(frame: Pick<Frame, 'width' | 'height' | 'number' | 'truth'>, record: EventRecord): FramePhysics {
    const regions = regionsOf(record, frame, this.#options.margin ?? regionMargin)
    if (this.#mask?.width !== frame.width || this.#mask.height !== frame.height)
      this.#mask = new RegionMask(frame)
    this.#mask.set(regions)
    const { truth, number } = frame
    if (truth !== undefined) this.#framesWithTruth++
    const outcomes = truth === undefined ? [] : depositOutcomes(truth, this.#mask)
    const light = outcomes.reduce((sum, o) => sum + (o?.adu ?? 0), 0)
    const kept = outcomes.reduce((sum, o) => sum + (o === null ? 0 : o.adu * o.kept), 0)
    const matches = truth === undefined ? null : matchClusters(record, truth, frame.width)
    const areaDiscarded = 1 - this.#mask.area / (frame.width * frame.height)
    const signalKept = light > 0 ? kept / light : null
    for (const outcome of outcomes) if (outcome !== null) this.#outcome(outcome)
    this.#tiles.frame(record, outcomes)
    const own = new Set(matches?.map((match) => match.deposit))
    this.#merged += outcomes.filter((outcome, i) => outcome?.found === true && !own.has(i)).length
    if (truth !== undefined && light === 0) this.emptyFrame(record)
    else if (matches !== null) this.#unmatched += matches.filter((m) => m.deposit === null).length
    record.clusters.forEach((_, i) => {
      this.#cluster(record, i, matches?.[i])
    })
    this.#frames.push({ frame: number, areaDiscarded, signalKept, clusters: record.clusters.length })
    return { frame: number, regions, areaDiscarded, signalKept, matches, outcomes }
  }

  /** A frame that is known to hold no light: every cluster is a false region. */
  emptyFrame(record: EmptyRecord): void {
    this.#emptyFrames++
    if (record.tileMasks !== undefined) this.#tiles.emptyFrame({ tileMasks: record.tileMasks })
    this.#falseRois += record.clusters.length
  }

  finish(): PhysicsDetail {
    const withLight = this.#frames.flatMap((f) => (f.signalKept === null ? [] : [f.signalKept]))
    const { nuclear, electron } = this.#recoils
    const byClass = (c: RecoilClass): Fraction | null => {
      const [found, tried] = this.#byClass[c] as [number, number]
      return tried === 0 ? null : fraction(found, tried)
    }
    return {
      signalKept: averaged(withLight),
      areaDiscarded: averaged(this.#frames.map((f) => f.areaDiscarded)),
      framesWithLight: withLight.length,
      framesWithTruth: this.#framesWithTruth,
      emptyFrames: this.#emptyFrames,
      falseRois: this.#falseRois,
      unmatchedClusters: this.#unmatched,
      ambiguousClusters: this.#ambiguous,
      pileUpClusters: this.#pileUp,
      mergedDeposits: this.#merged,
      efficiency: this.#efficiency.bins(),
      efficiencyByClass: {
        nuclear: byClass('nuclear'),
        electron: byClass('electron'),
        other: byClass('other'),
      },
      matched: matchedRoc(nuclear, electron, this.#options.matchedEdges),
      confusion: this.#confusion,
      scores: this.#scores,
      frames: this.#frames,
      clusters: this.#clusters,
      tiles: this.#tiles.finish(),
    }
  }

  #outcome(outcome: DepositOutcome): void {
    this.#efficiency.add(outcome.keVee, outcome.found)
    const counts = this.#byClass[outcome.class]
    counts[1]!++
    if (outcome.found) counts[0]!++
  }

  #cluster(record: EventRecord, index: number, match: ClusterMatch | undefined): void {
    const { scores, winner } = record.clusters[index]!
    const won = recoilClasses[winner] ?? 'other'
    this.#clusters[won]++
    const score = scores[0]! - scores[1]!
    const usable = match?.best === true && !match.ambiguous
    this.#scores.push({ score, winner: won, truth: usable ? match.truth : null })
    if (match?.ambiguous === true) this.#ambiguous++
    if (match?.pileUp === true) this.#pileUp++
    if (!usable || match.truth === null) return
    this.#confusion[match.truth][won]++
    if (match.truth === 'other' || match.pileUp) return
    this.#recoils[match.truth].push({ score, keVee: match.keVee! })
  }
}

function zero(): Record<RecoilClass, number> {
  return { nuclear: 0, electron: 0, other: 0 }
}

/** Mean over frames with its standard error; the error of a single frame is 0, there is no spread to see. */
function averaged(values: readonly number[]): Measured | null {
  const n = values.length
  if (n === 0) return null
  const value = values.reduce((sum, v) => sum + v, 0) / n
  const square = values.reduce((sum, v) => sum + (v - value) ** 2, 0)
  return { value, error: n < 2 ? 0 : Math.sqrt(square / (n - 1) / n) }
}
