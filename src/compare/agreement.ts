import type { EventRecord } from '../trigger/event-packet.ts'
import { recoilClasses } from './match.ts'
import { placeAt } from './packet-fields.ts'

/** The first place where two devices gave different things for one frame. */
export interface Disagreement {
  readonly kind: 'bytes' | 'scores'
  readonly frame: number
  /** The two devices: the reference first. */
  readonly devices: readonly [string, string]
  /** `header`, `cluster 3`, `tile row 0`, `trailer`. */
  readonly record: string
  readonly cluster: number | null
  readonly field: string
  readonly values: readonly [string, string]
  /** Bytes or scores that differ in this frame. */
  readonly count: number
}

/** One line for people. */
export function describeDisagreement(d: Disagreement): string {
  const [a, b] = d.devices
  const noun = d.kind === 'bytes' ? 'byte' : 'score'
  const what = d.count === 1 ? `1 ${noun} differs` : `${d.count} ${noun}s differ`
  return `frame ${d.frame}, ${d.record}, ${d.field}: ${d.values[0]} from ${a}, ${d.values[1]} from ${b} (${what} in this frame)`
}

/** How far one device agrees with the reference. */
export interface AgreementCount {
  /** Device that was compared. */
  readonly address: string
  readonly frames: number
  readonly differingFrames: number
  readonly differingBytes: number
}

/** How far one ONNX Runtime device agrees with the reference. */
export interface ScoreCount {
  readonly address: string
  readonly frames: number
  /** Clusters that both devices reported, in order. */
  readonly comparedClusters: number
  /** Scores (three per cluster) that are not the same number; all three of a cluster that one device lacks. */
  readonly differingScores: number
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
  return { kind: 'bytes', frame: a.frame, devices, record, cluster, field, values, count }
}

/** The first score that differs, clusters matched by their order; null when all are the same. */
export function compareScores(
  a: Pick<EventRecord, 'frame' | 'clusters'>,
  b: Pick<EventRecord, 'clusters'>,
  devices: readonly [string, string],
): Disagreement | null {
  let count = 0
  let first: Disagreement | null = null
  for (let cluster = 0; cluster < Math.max(a.clusters.length, b.clusters.length); cluster++)
    for (const [k, name] of recoilClasses.entries()) {
      const [p, q] = [a.clusters[cluster]?.scores[k], b.clusters[cluster]?.scores[k]]
      if (p === q) continue
      count++
      const values = [String(p ?? 'no cluster'), String(q ?? 'no cluster')] as const
      const place = { record: `cluster ${cluster}`, cluster, field: `score ${name}`, values }
      first ??= { kind: 'scores', frame: a.frame, devices, ...place, count }
    }
  return first === null ? null : { ...first, count }
}

/** Compares devices with a reference, frame by frame, and keeps counts and the first few disagreements. */
export class AgreementCounter {
  readonly #kept: number
  readonly #bytes = new Map<string, AgreementCount>()
  readonly #scores = new Map<string, ScoreCount>()
  readonly disagreements: Disagreement[] = []

  /** @param kept how many disagreements to keep in full; all are counted */
  constructor(kept = 20) {
    this.#kept = kept
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

  /** Scores only: for a device that runs the network in ONNX Runtime. */
  scores(reference: string, a: EventRecord, address: string, b: EventRecord): Disagreement | null {
    const found = compareScores(a, b, [reference, address])
    const before = this.#scores.get(address)
    this.#scores.set(address, {
      address,
      frames: (before?.frames ?? 0) + 1,
      comparedClusters: (before?.comparedClusters ?? 0) + Math.min(a.clusters.length, b.clusters.length),
      differingScores: (before?.differingScores ?? 0) + (found?.count ?? 0),
    })
    this.#keep(found)
    return found
  }

  byteCounts(): AgreementCount[] {
    return [...this.#bytes.values()]
  }

  scoreCounts(): ScoreCount[] {
    return [...this.#scores.values()]
  }

  #keep(found: Disagreement | null): void {
    if (found !== null && this.disagreements.length < this.#kept) this.disagreements.push(found)
  }
}
