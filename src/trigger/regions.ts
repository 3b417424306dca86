import type { ClusterMoments } from './cluster.ts'
import { type BlockRow, blockCount, blockSide } from './region-blocks.ts'

/** A rectangle of pixels, or the parts of it that count. */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Rectangles without overlap inside this one; absent: all of it. */
  readonly parts?: readonly Region[]
}

/** Clusters by their boxes, in macro-pixels of `binning` x `binning` pixels; an event record is one. */
export interface Boxes {
  readonly binning: number
  readonly clusters: readonly Box[]
  /** See region-blocks.ts; without them a region is the whole box. */
  readonly blocks?: readonly BlockRow[]
}

type Box = Readonly<Pick<ClusterMoments, 'x0' | 'y0' | 'x1' | 'y1'>>

/** Macro-pixels by which a region of interest is larger than what it holds on every side. */
export const regionMargin = 2

/** Boxes of more blocks are cut down to those with light. */
const wholeBlocks = 16

/**
 * The region of interest of each cluster in pixels, clipped to a frame of width x height: the box of the cluster, and
 * of a large one the parts around the blocks of the record, for the box of a long track is nearly empty. Where a row of
 * blocks is not in the record, the whole width of the box counts. A frame can be smaller than the geometry of the
 * device: a box wholly in the padding gives a region without pixels.
 */
export function regionsOfInterest(
  record: Boxes,
  width: number,
  height: number,
  margin: number = regionMargin,
): Region[] {
  const { binning, clusters, blocks = [] } = record
  const lit = new Map(blocks.map(({ row, words }) => [row, words]))
  const toPixels = ({ x0, y0, x1, y1 }: Box): Region => {
    const x = Math.min(width, Math.max(0, x0 * binning))
    const y = Math.min(height, Math.max(0, y0 * binning))
    return {
      x,
      y,
      width: Math.min(width, (x1 + 1) * binning) - x,
      height: Math.min(height, (y1 + 1) * binning) - y,
    }
  }
  return clusters.map((cluster) => {
    const region = toPixels(grown(cluster, margin))
    if (blockCount(cluster.x1 - cluster.x0 + 1) * blockCount(cluster.y1 - cluster.y0 + 1) <= wholeBlocks)
      return region
    const parts = litParts(cluster, lit, margin).map(toPixels)
    return parts.length === 1
      ? region
      : { ...region, parts: parts.filter((part) => part.width * part.height > 0) }
  })
}

function grown({ x0, y0, x1, y1 }: Box, margin: number): Box {
  return { x0: x0 - margin, y0: y0 - margin, x1: x1 + margin, y1: y1 + margin }
}

/** First and last column. */
type Span = readonly [number, number]

/** The lit blocks of a box grown by the margin, as rectangles of macro-pixels without overlap. */
function litParts(box: Box, lit: ReadonlyMap<number, Uint32Array>, margin: number): Box[] {
  const blockRow = (y: number): number => Math.floor(Math.min(Math.max(y, box.y0), box.y1) / blockSide)
  const strips: { y0: number; y1: number; readonly spans: readonly Span[] }[] = []
  for (let y = box.y0 - margin; y <= box.y1 + margin; y++) {
    const spans: Span[] = []
    for (let row = blockRow(y - margin); row <= blockRow(y + margin); row++)
      spans.push(...litSpans(box, lit.get(row), margin))
    const strip = { y0: y, y1: y, spans: union(spans) }
    const above = strips.at(-1)
    if (above !== undefined && `${above.spans}` === `${strip.spans}`) above.y1 = y
    else strips.push(strip)
  }
  return strips.flatMap(({ y0, y1, spans }) => spans.map(([x0, x1]) => ({ x0, y0, x1, y1 })))
}

/** Runs of lit blocks in the columns of the box, each grown by the margin. */
function litSpans({ x0, x1 }: Box, words: Uint32Array | undefined, margin: number): Span[] {
  if (words === undefined) return [[x0 - margin, x1 + margin]]
  const spans: Span[] = []
  for (let block = Math.floor(x0 / blockSide); block * blockSide <= x1; block++)
    if ((words[block >> 5]! >>> (block & 31)) & 1) {
      const first = Math.max(x0, block * blockSide)
      const last = Math.min(x1, (block + 1) * blockSide - 1)
      spans.push([first - margin, last + margin])
    }
  return spans
}

/** Spans without overlap, ascending. */
function union(spans: Span[]): Span[] {
  const merged: [number, number][] = []
  for (const [first, last] of spans.sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1)
    if (before === undefined || first > before[1] + 1) merged.push([first, last])
    else before[1] = Math.max(before[1], last)
  }
  return merged
}
