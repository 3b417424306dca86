import { GemgateError } from '../core/errors.ts'
import type { ClusterMoments } from './cluster.ts'
import { featureCount } from './features.ts'
import { type BlockRow, blockCount, blockWords } from './region-blocks.ts'

/**
 * The event packet: what every FPGA-like device gives for one frame, as 32-bit little-endian words.
 *
 *   header   type 1 | frame number | time tag low, high (us) | width, height << 16 | binning | low, high threshold
 *   cluster  type 2 (index in bits 15:0) | x0, y0 << 16 | x1, y1 << 16 | pixels | sum low, high | peak |
 *            brightest | w, wx, wy, wxx, wxy, wyy (low, high) | features (9 bytes, 3 of padding) |
 *            scores (3 int16, then the winning class)
 *   blocks   type 5 (row of blocks in bits 15:0) | one bit per block, 32 to a word (see region-blocks.ts)
 *   tiles    type 3 (tile row in bits 15:0) | one bit per triggered tile
 *   trailer  type 4 | kept | rejected | dropped runs | active macro-pixels | clipped pixels | flags | end mark
 *
 * The type stands in bits 31:24 and the number of words of the record in bits 23:16 of its first word; a record of
 * blocks has as many as the width of the frame takes, the others those of `recordWords`.
 */
export const recordType = { header: 1, cluster: 2, tiles: 3, trailer: 4, blocks: 5 } as const
export const recordWords = { header: 8, cluster: 25, tiles: 2, trailer: 8 } as const
export const endMark = 0x454d4547
/** Trailer flags. */
export const eventFlags = { labelOverflow: 1 } as const

/** Scores of a cluster, higher is more likely, and the class that won. */
export interface Classification {
  /** Nuclear recoil, electron recoil, other: int16 in the network's output scale. */
  readonly scores: Int16Array
  /** Index of the highest score, the first one on a tie. */
  readonly winner: number
}

export interface Cluster extends Readonly<ClusterMoments>, Classification {
  readonly features: Int8Array
}

/** What one frame came to: one record per frame, also when nothing was found. */
export interface EventRecord {
  readonly frame: number
  /** Start of exposure in microseconds since 1970. */
  readonly timeTag: number
  readonly width: number
  readonly height: number
  readonly binning: number
  readonly thresholdLow: number
  readonly thresholdHigh: number
  readonly clusters: readonly Cluster[]
  /** The lit rows of blocks, ascending, see region-blocks.ts. */
  readonly blocks: readonly BlockRow[]
  /** Triggered tiles, one bit mask per tile row; empty when the tile trigger is off. */
  readonly tileMasks: Uint32Array
  readonly rejected: number
  readonly droppedRuns: number
  readonly active: number
  readonly clippedPixels: number
  readonly flags: number
  /** The packet itself. */
  readonly packet: Uint8Array
}

/** Collects the words of one packet. */
export class EventPacketWriter {
  #words = new Uint32Array(1024)
  #length = 0

  header(frame: number, timeTag: number, settings: PacketSettings): void {
    this.#length = 0
    this.#record(recordType.header, recordWords.header, 0)
    this.#push(frame)
    this.#push64(timeTag)
    this.#push(settings.width | (settings.height << 16))
    this.#push(settings.binning)
    this.#push(settings.thresholdLow)
    this.#push(settings.thresholdHigh)
  }

  cluster(index: number, c: Readonly<ClusterMoments>, features: Int8Array, scores: Int16Array): void {
    this.#record(recordType.cluster, recordWords.cluster, index)
    this.#push(c.x0 | (c.y0 << 16))
    this.#push(c.x1 | (c.y1 << 16))
    this.#push(c.pixels)
    this.#push64(c.sum)
    this.#push(c.peak)
    this.#push(c.brightest)
    for (const moment of [c.w, c.wx, c.wy, c.wxx, c.wxy, c.wyy]) this.#push64(moment)
    const f = (i: number): number => (features[i]! & 255) << (8 * (i & 3))
    this.#push(f(0) | f(1) | f(2) | f(3))
    this.#push(f(4) | f(5) | f(6) | f(7))
    this.#push(f(8))
    this.#push((scores[0]! & 0xffff) | (scores[1]! << 16))
    this.#push((scores[2]! & 0xffff) | (winner(scores) << 16))
  }

  blocks(rows: readonly BlockRow[]): void {
    for (const { row, words } of rows) {
      this.#record(recordType.blocks, 1 + words.length, row)
      for (let i = 0; i < words.length; i++) this.#push(words[i]!)
    }
  }

  tiles(masks: Uint32Array): void {
    for (let row = 0; row < masks.length; row++) {
      this.#record(recordType.tiles, recordWords.tiles, row)
      this.#push(masks[row]!)
    }
  }

  /** Ends the packet and returns its bytes. */
  trailer(counts: PacketCounts): Uint8Array {
    this.#record(recordType.trailer, recordWords.trailer, 0)
    this.#push(counts.kept)
    this.#push(counts.rejected)
    this.#push(counts.droppedRuns)
    this.#push(counts.active)
    this.#push(counts.clippedPixels)
    this.#push(counts.droppedRuns > 0 ? eventFlags.labelOverflow : 0)
    this.#push(endMark)
    return new Uint8Array(this.#words.buffer.slice(0, 4 * this.#length))
  }

  #record(type: number, words: number, index: number): void {
    this.#push((type << 24) | (words << 16) | (index & 0xffff))
  }

  #push(word: number): void {
    if (this.#length === this.#words.length) {
      const larger = new Uint32Array(2 * this.#length)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[this.#length++] = word
  }

  #push64(value: number): void {
    this.#push(value % 4294967296)
    this.#push(Math.floor(value / 4294967296))
  }
}

export interface PacketSettings {
  readonly width: number
  readonly height: number
  readonly binning: number
  readonly thresholdLow: number
  readonly thresholdHigh: number
}

export interface PacketCounts {
  readonly kept: number
  readonly rejected: number
  readonly droppedRuns: number
  readonly active: number
  readonly clippedPixels: number
}

function winner(scores: Int16Array): number {
  let best = 0
  for (let i = 1; i < 3; i++) if (scores[i]! > scores[best]!) best = i
  return best
}

/** Reads one packet; throws GG_EVENT_FORMAT with the byte offset where it stops making sense. */
export function decodeEventPacket(packet: Uint8Array): EventRecord {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  const fail = (what: string, offset: number): never => {
    throw new GemgateError(
      'GG_EVENT_FORMAT',
      `event packet of ${packet.byteLength} bytes: ${what}`,
      'The link or the firmware is faulty; the packet was not used.',
      { offset },
    )
  }
  if (packet.byteLength % 4 !== 0) fail('not a whole number of words', packet.byteLength)
  const words = packet.byteLength / 4
  const u32 = (i: number): number => view.getUint32(4 * i, true)
  const s32 = (i: number): number => view.getInt32(4 * i, true)
  const u64 = (i: number): number => u32(i) + u32(i + 1) * 4294967296
  const s64 = (i: number): number => u32(i) + s32(i + 1) * 4294967296
  const expect = (at: number, type: number, length: number): void => {
    if (at + length > words) fail('ends inside a record', packet.byteLength)
    if (u32(at) >>> 24 !== type || ((u32(at) >>> 16) & 255) !== length)
      fail(`unknown record 0x${u32(at).toString(16)}`, 4 * at)
  }
  expect(0, recordType.header, recordWords.header)
  const clusters: Cluster[] = []
  const masks: number[] = []
  let at: number = recordWords.header
  while (at < words && u32(at) >>> 24 === recordType.cluster) {
    expect(at, recordType.cluster, recordWords.cluster)
    if ((u32(at) & 0xffff) !== (clusters.length & 0xffff)) fail('a cluster is missing', 4 * at)
    clusters.push({
      x0: u32(at + 1) & 0xffff,
      y0: u32(at + 1) >>> 16,
      x1: u32(at + 2) & 0xffff,
      y1: u32(at + 2) >>> 16,
      pixels: u32(at + 3),
      sum: s64(at + 4),
      peak: u32(at + 6),
      brightest: s32(at + 7),
      w: u64(at + 8),
      wx: u64(at + 10),
      wy: u64(at + 12),
      wxx: u64(at + 14),
      wxy: u64(at + 16),
      wyy: u64(at + 18),
      features: Int8Array.from({ length: featureCount }, (_, i) => view.getInt8(4 * (at + 20) + i)),
      scores: Int16Array.from({ length: 3 }, (_, i) => view.getInt16(4 * (at + 23) + 2 * i, true)),
      winner: u32(at + 24) >>> 16,
    })
    at += recordWords.cluster
  }
  const binning = u32(5)
  const [columns, rows] = [(u32(4) & 0xffff) / binning, (u32(4) >>> 16) / binning]
  const wordCount = blockWords(columns)
  const unused = (32 * wordCount - blockCount(columns)) % 32
  const blocks: BlockRow[] = []
  while (at < words && u32(at) >>> 24 === recordType.blocks) {
    expect(at, recordType.blocks, 1 + wordCount)
    const row = u32(at) & 0xffff
    if (row >= blockCount(rows) || row <= (blocks.at(-1)?.row ?? -1))
      fail(`row ${row} of blocks does not belong here`, 4 * at)
    if (unused > 0 && u32(at + wordCount) >>> (32 - unused) !== 0)
      fail('blocks beyond the last column', 4 * (at + wordCount))
    blocks.push({ row, words: Uint32Array.from({ length: wordCount }, (_, i) => u32(at + 1 + i)) })
    at += 1 + wordCount
  }
  while (at < words && u32(at) >>> 24 === recordType.tiles) {
    expect(at, recordType.tiles, recordWords.tiles)
    if ((u32(at) & 0xffff) !== masks.length) fail('a tile row is missing', 4 * at)
    masks.push(u32(at + 1))
    at += recordWords.tiles
  }
  expect(at, recordType.trailer, recordWords.trailer)
  if (u32(at + 7) !== endMark) fail('no end mark', 4 * (at + 7))
  if (at + recordWords.trailer !== words) fail('bytes after the trailer', 4 * (at + recordWords.trailer))
  if (u32(at + 1) !== clusters.length)
    fail(`the trailer counts ${u32(at + 1)} clusters, the packet holds ${clusters.length}`, 4 * (at + 1))
  return {
    frame: u32(1),
    timeTag: u64(2),
    width: u32(4) & 0xffff,
    height: u32(4) >>> 16,
    binning,
    thresholdLow: u32(6),
    thresholdHigh: u32(7),
    clusters,
    blocks,
    tileMasks: Uint32Array.from(masks),
    rejected: u32(at + 2),
    droppedRuns: u32(at + 3),
    active: u32(at + 4),
    clippedPixels: u32(at + 5),
    flags: u32(at + 6),
    packet,
  }
}

/**
 * A copy of a packet with other scores, three per cluster in the order of the clusters, and the winners that
 * follow from them.
 */
export function setScores(packet: Uint8Array, scores: Int16Array): Uint8Array {
  const copy = packet.slice()
  const view = new DataView(copy.buffer)
  for (let i = 0; 3 * i < scores.length; i++) {
    const own = scores.subarray(3 * i, 3 * i + 3)
    const at = 4 * (recordWords.header + i * recordWords.cluster + 23)
    for (let k = 0; k < 3; k++) view.setInt16(at + 2 * k, own[k]!, true)
    view.setUint16(at + 6, winner(own), true)
  }
  return copy
}
