import { type Boxes, type Region, regionMargin, regionsOfInterest } from '../trigger/regions.ts'

/** Pixels along the sides of a frame. */
export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** The regions of interest of a record on its frame, one per cluster and in its order. */
export function regionsOf(record: Boxes, size: FrameSize, margin: number = regionMargin): Region[] {
  return regionsOfInterest(record, size.width, size.height, margin)
}

/** The union of regions as one byte per pixel, so that overlaps count once. Reused from frame to frame. */
export class RegionMask {
  readonly width: number
  readonly height: number
  /** 1 inside a region; row-major. */
  readonly inside: Uint8Array
  #area = 0
  #regions: readonly Region[] = []

  constructor(size: FrameSize) {
    this.width = size.width
    this.height = size.height
    this.inside = new Uint8Array(size.width * size.height)
  }

  /** Pixels inside any region. */
  get area(): number {
    return this.#area
  }

  /** Replaces what was set before; the regions must lie on the frame. */
  set(regions: readonly Region[]): void {
    for (const region of this.#regions) this.#fill(region, 0)
    this.#regions = regions
    this.#area = 0
    for (const region of regions) this.#fill(region, 1)
  }

  #fill(region: Region, value: 0 | 1): void {
    for (const part of region.parts ?? [region]) this.#fillPart(part, value)
  }

  #fillPart({ x, y, width, height }: Region, value: 0 | 1): void {
    for (let row = y; row < y + height; row++) {
      const from = row * this.width + x
      for (let i = from; i < from + width; i++) {
        if (value === 1 && this.inside[i] === 0) this.#area++
        this.inside[i] = value
      }
    }
  }
}
