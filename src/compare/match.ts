import { type Deposit, type RecoilClass, recoilClass, type Truth } from '../frame/truth.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import type { RegionMask } from './regions.ts'

/** The classes in the order of the network's scores. */
export const recoilClasses = ['nuclear', 'electron', 'other'] as const satisfies readonly RecoilClass[]

/** A second deposit is part of a cluster when it brings more than this share of the light in its box. */
export const foreignLight = 0.05

/** A deposit counts as found when at least this share of its light lies inside regions of interest. */
export const foundLight = 0.5

/** What made a cluster, judged by the noise-free light inside its bounding box (without margin). */
export interface ClusterMatch {
  /** Index in the record. */
  readonly cluster: number
  /** Index in the truth of the deposit with the most light in the box; null when no light is there. */
  readonly deposit: number | null
  readonly truth: RecoilClass | null
  readonly keVee: number | null
  /** Share of the deposit's light that lies in the box. */
  readonly share: number
  /** Light of another class is in the box: the cluster has no true class and stays out of every ROC. */
  readonly ambiguous: boolean
  /** Light of a second deposit is in the box, so the energy of the first is not the cluster's. */
  readonly pileUp: boolean
  /** No other cluster holds more of this deposit: one entry per deposit, also when it broke into pieces. */
  readonly best: boolean
}

/** How one deposit fared. */
export interface DepositOutcome {
  readonly class: RecoilClass
  readonly keVee: number
  /** Light on the sensor in ADU; above 0. */
  readonly adu: number
  /** Share of the light inside the union of the regions. */
  readonly kept: number
  readonly found: boolean
}

/** Outcomes of the deposits that left light on the sensor; null for the others. */
export function depositOutcomes(truth: Truth, mask: RegionMask): (DepositOutcome | null)[] {
  return truth.deposits.map((deposit) => {
    const { pixels, light } = deposit
    let all = 0
    let inside = 0
    for (let i = 0; i < pixels.length; i++) {
      all += light[i]!
      if (mask.inside[pixels[i]!] === 1) inside += light[i]!
    }
    if (!(all > 0)) return null
    const kept = inside / all
    const { keVee } = deposit
    return { class: recoilClass(deposit.particle), keVee, adu: all, kept, found: kept >= foundLight }
  })
}

/** One match per cluster of the record, in its order. `width` is the width of the frame in pixels. */
export function matchClusters(
  record: Pick<EventRecord, 'binning' | 'clusters'>,
  truth: Truth,
  width: number,
): ClusterMatch[] {
  const shared = sharedLight(record, truth.deposits, width)
  const matches = shared.map((byDeposit, cluster) => matchOne(cluster, byDeposit, truth.deposits))
  const holder = new Map<number, number>()
  for (const { cluster, deposit } of matches) {
    if (deposit === null) continue
    const before = holder.get(deposit)
    if (before === undefined || shared[cluster]![deposit]! > shared[before]![deposit]!)
      holder.set(deposit, cluster)
  }
  return matches.map((match) => ({ ...match, best: holder.get(match.deposit ?? -1) === match.cluster }))
}

function matchOne(cluster: number, byDeposit: Float64Array, deposits: readonly Deposit[]): ClusterMatch {
  let first = -1
  let sum = 0
  byDeposit.forEach((light, i) => {
    sum += light
    if (light > 0 && (first < 0 || light > byDeposit[first]!)) first = i
  })
  if (first < 0) {
    const nothing = { deposit: null, truth: null, keVee: null, share: 0, ambiguous: false, pileUp: false }
    return { cluster, ...nothing, best: false }
  }
  const deposit = deposits[first]!
  const truth = recoilClass(deposit.particle)
  let others = 0
  let otherClasses = 0
  byDeposit.forEach((light, i) => {
    if (i === first) return
    others += light
    if (recoilClass(deposits[i]!.particle) !== truth) otherClasses += light
  })
  return {
    cluster,
    deposit: first,
    truth,
    keVee: deposit.keVee,
    share: byDeposit[first]! / deposit.light.reduce((total, light) => total + light, 0),
    ambiguous: otherClasses > foreignLight * sum,
    pileUp: others > foreignLight * sum,
    best: false,
  }
}

/** Light in ADU by cluster and deposit. */
function sharedLight(
  record: Pick<EventRecord, 'binning' | 'clusters'>,
  deposits: readonly Deposit[],
  width: number,
): Float64Array[] {
  const { binning, clusters } = record
  const shared = clusters.map(() => new Float64Array(deposits.length))
  deposits.forEach((deposit, d) => {
    const { pixels, light } = deposit
    if (pixels.length === 0) return
    const top = Math.floor(pixels[0]! / width / binning)
    const bottom = Math.floor(pixels[pixels.length - 1]! / width / binning)
    // Pixels are ascending, so the rows of a deposit are known without a pass over a million muon pixels.
    const near = clusters.flatMap((c, i) => (c.y1 < top || c.y0 > bottom ? [] : [{ ...box(c), i }]))
    if (near.length === 0) return
    for (let k = 0; k < pixels.length; k++) {
      const x = Math.floor((pixels[k]! % width) / binning)
      const y = Math.floor(pixels[k]! / width / binning)
      for (const c of near)
        if (x >= c.x0 && x <= c.x1 && y >= c.y0 && y <= c.y1) shared[c.i]![d]! += light[k]!
    }
  })
  return shared
}

function box({ x0, y0, x1, y1 }: { x0: number; y0: number; x1: number; y1: number }) {
  return { x0, y0, x1, y1 }
}
