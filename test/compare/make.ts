import type { Deposit, Particle } from '../../src/frame/truth.ts'
import type { ClusterMoments } from '../../src/trigger/cluster.ts'
import { decodeEventPacket, EventPacketWriter, type EventRecord } from '../../src/trigger/event-packet.ts'
import { featureCount } from '../../src/trigger/features.ts'
import type { BlockRow } from '../../src/trigger/region-blocks.ts'

export interface MadeCluster {
  /** x0, y0, x1, y1 in macro-pixels, inclusive. */
  readonly box: readonly [number, number, number, number]
  readonly scores?: readonly [number, number, number]
  readonly sum?: number
}

/** A record, by way of a real packet. */
export function makeRecord(
  clusters: readonly MadeCluster[],
  { frame = 0, width = 64, height = 48, binning = 4, blocks = [] as readonly BlockRow[] } = {},
): EventRecord {
  const writer = new EventPacketWriter()
  writer.header(frame, 1000 * frame, { width, height, binning, thresholdLow: 100, thresholdHigh: 200 })
  clusters.forEach(({ box: [x0, y0, x1, y1], scores = [100, -100, -200], sum = 1760 }, i) => {
    const pixels = (x1 - x0 + 1) * (y1 - y0 + 1)
    const moments: ClusterMoments = {
      ...{ x0, y0, x1, y1, pixels, sum, peak: 300, brightest: 50 },
      ...{ w: sum, wx: sum * x0, wy: sum * y0, wxx: sum * x0 * x0, wxy: sum * x0 * y0, wyy: sum * y0 * y0 },
    }
    writer.cluster(i, moments, new Int8Array(featureCount).fill(i), Int16Array.from(scores))
  })
  writer.blocks(blocks)
  const counts = { kept: clusters.length, rejected: 0, droppedRuns: 0, active: 10, clippedPixels: 0 }
  return decodeEventPacket(writer.trailer(counts))
}

/** A deposit that leaves `adu` in each pixel of a rectangle: x, y, width, height in pixels. */
export function makeDeposit(
  particle: Particle,
  keVee: number,
  [x, y, w, h]: readonly [number, number, number, number],
  { adu = 10, width = 64 } = {},
): Deposit {
  const pixels = Uint32Array.from({ length: w * h }, (_, i) => (y + Math.floor(i / w)) * width + x + (i % w))
  return {
    ...{ particle, keVee, keVnr: particle === 'electron' ? null : 3 * keVee },
    ...{ x: x + w / 2, y: y + h / 2, z: 25, adu: adu * pixels.length },
    ...{ pixels, light: new Float32Array(pixels.length).fill(adu) },
  }
}

/** Geometry and truth of a frame of 64 x 48 pixels. */
export function makeTruth(deposits: readonly Deposit[], number = 0) {
  return { width: 64, height: 48, number, truth: { deposits } }
}
