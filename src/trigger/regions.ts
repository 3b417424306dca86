import type { EventRecord } from './event-packet.ts'

/** A rectangle of pixels. */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Macro-pixels by which a region of interest is larger than the cluster's box on every side. */
export const regionMargin = 2

/**
 * The region of interest of each cluster in pixels, clipped to a frame of width x height. A frame can be
 * smaller than the geometry of the device: a box wholly in the padding gives a region without pixels.
 */
export function regionsOfInterest(
  record: Pick<EventRecord, 'clusters' | 'binning'>,
  width: number,
  height: number,
  margin: number = regionMargin,
): Region[] {
  const { binning } = record
  return record.clusters.map((cluster) => {
    const x = Math.min(width, Math.max(0, (cluster.x0 - margin) * binning))
    const y = Math.min(height, Math.max(0, (cluster.y0 - margin) * binning))
    return {
      x,
      y,
      width: Math.min(width, (cluster.x1 + 1 + margin) * binning) - x,
      height: Math.min(height, (cluster.y1 + 1 + margin) * binning) - y,
    }
  })
}
