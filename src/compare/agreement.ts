import type { ScoredRecord } from '../device/device.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import {
  type Disagreement,
  type Explanation,
  explain,
  explanations,
  largestDifference,
  severity,
} from './disagreement.ts'
import { recoilClasses } from './match.ts'
import { placeAt } from './packet-fields.ts'

/** How far one device agrees with the reference. */
export interface AgreementCount {
  /** Device that was compared. */
  readonly address: string
  readonly frames: number
  readonly differingFrames: number
  readonly differingBytes: number
}

/** How far the scores of one device agree with those of the reference. */
export interface ScoreCount {
  readonly address: string
  readonly frames: number
  /** Clusters that both devices reported, in order. */
  readonly comparedClusters: number
  /**
   * Scores (three per cluster) that are not the same number, or where the device gives fractions further off
   * than one step; all three of a cluster that one device lacks.
   */
  readonly differingScores: number
  readonly differingClusters: number
  /** Largest distance of two scores, also of those that count as the same. */
  readonly largestDifference: number
  /** Clusters with differing scores by what explains them. */
  readonly explained: Readonly<Record<Explanation, number>>
}

/** Bytes that differ between two packets; every byte that only the longer one has counts. */
export function differingBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length)
  let count = Math.max(a.length, b.length) - common
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) count++
  return count
}

/** The first byte that differs, named for people; null for equal packets. */
export function comparePackets(
  a: Pick<EventRecord, 'frame' | 'packet'>,
  b: Pick<EventRecord, 'packet'>,
  devices: readonly [string, string],
): Disagreement | null {
  const count = differingBytes(a.packet, b.packet)
  if (count === 0) return null
  const common = Math.min(a.packet.length, b.packet.length)
  let offset = 0
  while (offset < common && a.packet[offset] === b.packet[offset]) offset++
  const [p, q] = [placeAt(a.packet, offset), placeAt(b.packet, offset)]
  // Where one packet has ended the other one still names the place.
  const named = p.value === null ? q : p
  const values = [p.value ?? 'nothing', q.value ?? 'nothing'] as const
  const { record, cluster, field } = named
  const explanation = null
  return { kind: 'bytes', frame: a.frame, devices, record, cluster, field, values, count, explanation }
}

/** Scores of the same network without rounding of its activations; null where that cannot be computed. */
export type Unquantized = (features: Int8Array) => ArrayLike<number> | null

/** Fractions count as the same score within this many steps of the network's output. */
const tolerance = 1

/** The clusters whose scores differ, matched by their order; one entry per cluster with its first score. */
export function compareScores(
  a: Pick<EventRecord, 'frame' | 'clusters'>,
  b: Pick<ScoredRecord, 'clusters' | 'scoresAsGiven'>,
  devices: readonly [string, string],
  unquantized: Unquantized = () => null,
): Disagreement[] {
  const found: Disagreement[] = []
  for (let cluster = 0; cluster < Math.max(a.clusters.length, b.clusters.length); cluster++) {
    const [p, q] = [a.clusters[cluster], scoresOf(b, cluster)]
    const allowed = b.scoresAsGiven === undefined ? 0 : tolerance
    const same = (k: number): boolean =>
      p !== undefined && q !== undefined && Math.abs(p.scores[k]! - q[k]!) <= allowed
    const differing = recoilClasses.flatMap((_, k) => (same(k) ? [] : [k]))
    const [first] = differing
    if (first === undefined) continue
    found.push({
      ...{ kind: 'scores', frame: a.frame, devices, record: `cluster ${cluster}`, cluster },
      field: `score ${recoilClasses[first]}`,
      values: [scoreText(p?.scores[first]), scoreText(q?.[first])],
      count: differing.length,
      explanation: p === undefined || q === undefined ? null : explain(p.scores, q, unquantized(p.features)),
    })
  }
  return found
}

/** Whole numbers in full, fractions with seven digits. */
function scoreText(score: number | undefined): string {
  return score === undefined ? 'no cluster' : String(Number(score.toPrecision(7)))
}

function scoresOf(
  { clusters, scoresAsGiven }: Pick<ScoredRecord, 'clusters' | 'scoresAsGiven'>,
  cluster: number,
): ArrayLike<number> | undefined {
  return scoresAsGiven === undefined
    ? clusters[cluster]?.scores
    : clusters[cluster] && scoresAsGiven.subarray(3 * cluster, 3 * cluster + 3)
}

/** Compares devices with a reference, frame by frame, and keeps counts and a few disagreements: the worst, of equal ones the first. */
export class AgreementCounter {
  readonly #kept: number
  readonly #unquantized: Unquantized | undefined
  readonly #bytes = new Map<string, AgreementCount>()
  readonly #scores = new Map<string, ScoreCount>()
  readonly disagreements: Disagreement[] = []

  /**
   * @param kept how many disagreements to keep in full; all are counted
   * @param unquantized tells differences of quantization from others; without it none is told
   */
  constructor(kept = 20, unquantized?: Unquantized) {
    this.#kept = kept
    this.#unquantized = unquantized
  }

  /** Whole packets: every byte has to be the same. Returns the disagreement of this frame, if any. */
  bytes(reference: string, a: EventRecord, address: string, b: EventRecord): Disagreement | null {
    const found = comparePackets(a, b, [reference, address])
    const before = this.#bytes.get(address)
    this.#bytes.set(address, {
      address,
      frames: (before?.frames ?? 0) + 1,
      differingFrames: (before?.differingFrames ?? 0) + (found === null ? 0 : 1),
      differingBytes: (before?.differingBytes ?? 0) + (found?.count ?? 0),
    })
    this.#keep(found)
    return found
  }

  /** Scores only: for a device that shares the clusters of the reference. One disagreement per cluster. */
  scores(reference: string, a: EventRecord, address: string, b: ScoredRecord): Disagreement[] {
    const found = compareScores(a, b, [reference, address], this.#unquantized)
    const before = this.#scores.get(address)
    const common = Math.min(a.clusters.length, b.clusters.length)
    let largest = before?.largestDifference ?? 0
    for (let i = 0; i < common; i++)
      largest = Math.max(largest, largestDifference(a.clusters[i]!.scores, scoresOf(b, i)!))
    const explained = explanations.map((name): [Explanation, number] => [
      name,
      (before?.explained[name] ?? 0) + found.filter((d) => d.explanation === name).length,
    ])
    this.#scores.set(address, {
      address,
      frames: (before?.frames ?? 0) + 1,
      comparedClusters: (before?.comparedClusters ?? 0) + common,
      differingScores: (before?.differingScores ?? 0) + found.reduce((sum, d) => sum + d.count, 0),
      differingClusters: (before?.differingClusters ?? 0) + found.length,
      largestDifference: largest,
      explained: Object.fromEntries(explained) as Record<Explanation, number>,
    })
    for (const one of found) this.#keep(one)
    return found
  }

  byteCounts(): AgreementCount[] {
    return [...this.#bytes.values()]
  }

  scoreCounts(): ScoreCount[] {
    return [...this.#scores.values()]
  }

  #keep(found: Disagreement | null): void {
    if (found === null) return
    this.disagreements.push(found)
    if (this.disagreements.length <= this.#kept) return
    // The latest of the mildest goes, so that a real difference is never hidden behind many small ones.
    const mildest = Math.min(...this.disagreements.map(severity))
    this.disagreements.splice(
      this.disagreements.findLastIndex((d) => severity(d) === mildest),
      1,
    )
  }
}
