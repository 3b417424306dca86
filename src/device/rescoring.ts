import type { Frame } from '../frame/frame.ts'
import type { Datapath } from '../trigger/datapath.ts'
import { decodeEventPacket, type EventRecord, setScores } from '../trigger/event-packet.ts'
import { featureCount } from '../trigger/features.ts'
import type { ProcessOptions, ScoredRecord } from './device.ts'
import { type Configuration, loadPixels, timeTag } from './frame-loader.ts'

/**
 * Records with clusters from the integer datapath and scores from elsewhere.
 * @param score three scores per cluster of a record that has clusters; what is no int16 is kept beside the
 *   rounded scores of the packet
 */
export async function* rescored(
  datapath: Datapath,
  { settings, pedestal }: Configuration,
  frames: AsyncIterable<Frame> | Iterable<Frame>,
  score: (record: EventRecord) => Promise<ArrayLike<number>>,
  { signal }: ProcessOptions,
): AsyncGenerator<ScoredRecord, void, void> {
  for await (const frame of frames) {
    signal?.throwIfAborted()
    const pixels = loadPixels(frame, settings)
    const packet = datapath.process(pixels, pedestal, settings, frame.number >>> 0, timeTag(frame))
    const record = decodeEventPacket(packet)
    const given = await score(record)
    if (record.clusters.length === 0) yield record
    else yield withScores(packet, given)
  }
}

function withScores(packet: Uint8Array, given: ArrayLike<number>): ScoredRecord {
  const scores = Int16Array.from(given, Math.round)
  const record = decodeEventPacket(setScores(packet, scores))
  const exact = scores.every((score, i) => score === given[i])
  return exact ? record : { ...record, scoresAsGiven: Float64Array.from(given) }
}

/** The features of all clusters of a record, `[clusters][featureCount]`. */
export function featuresOf({ clusters }: Pick<EventRecord, 'clusters'>): Int8Array {
  const features = new Int8Array(featureCount * clusters.length)
  for (const [i, cluster] of clusters.entries()) features.set(cluster.features, featureCount * i)
  return features
}
