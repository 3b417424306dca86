import type { Region } from '../../sim/detector/index.ts'
import type { Deposit } from '../../src/frame/truth.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { type Cluster, decodeEventPacket } from '../../src/trigger/event-packet.ts'
import type { DarkRun } from './dark-run.ts'

/**
 * Pixels around the light of a deposit. A cluster ends where the filter (reach 2 macro-pixels of 4) falls below
 * 3 sigma of the noise, so beyond the light it goes on by chance only, a few macro-pixels.
 */
const margin = 48

/** The part of the sensor that a deposit can change, on the grid of the macro-pixels; undefined when dark. */
export function litRegion(
  deposit: Deposit,
  sensor: { readonly width: number; readonly height: number },
): Region | undefined {
  if (deposit.pixels.length === 0) return undefined
  let left = sensor.width
  let right = 0
  for (const pixel of deposit.pixels) {
    const x = pixel % sensor.width
    if (x < left) left = x
    if (x > right) right = x
  }
  const row = (pixel: number): number => Math.floor(pixel / sensor.width)
  const low = (v: number): number => Math.max(0, (v - margin) & ~3)
  const high = (v: number, limit: number): number => Math.min(limit, (v + margin + 4) & ~3)
  const x = low(left)
  const y = low(row(deposit.pixels[0]!))
  return {
    x,
    y,
    width: high(right, sensor.width) - x,
    height: high(row(deposit.pixels.at(-1)!), sensor.height) - y,
  }
}

/** A cluster and the light of its deposit in its bounding box, ADU. */
export interface LitCluster {
  readonly cluster: Cluster
  readonly light: number
}

/** Runs the trigger's integer datapath on a region of the sensor. */
export class CropTrigger {
  readonly #dark: DarkRun
  readonly #datapath = new Datapath((_, scores) => void scores.fill(0))

  constructor(dark: DarkRun) {
    this.#dark = dark
  }

  /** The clusters in `pixels`, which are those of `region`; their boxes count from its corner. */
  clusters(pixels: Uint16Array, region: Region): readonly Cluster[] {
    const { settings, words } = this.#dark
    const { width, height } = region
    const own = new Uint32Array(width * height)
    for (let j = 0; j < height; j++) {
      const from = (region.y + j) * settings.width + region.x
      own.set(words.subarray(from, from + width), j * width)
    }
    const packet = this.#datapath.process(pixels, own, { ...settings, width, height, tiles: null }, 0, 0)
    return decodeEventPacket(packet).clusters
  }

  /**
   * The clusters that belong to a deposit, most of its light first: those whose bounding box holds light of it
   * worth at least half of the cluster's sum.
   */
  clustersOf(deposit: Deposit, pixels: Uint16Array, region: Region): LitCluster[] {
    const { width, binning } = this.#dark.settings
    const found: { cluster: Cluster; light: number }[] = this.clusters(pixels, region).map((cluster) => ({
      cluster,
      light: 0,
    }))
    for (let i = 0; i < deposit.pixels.length; i++) {
      const x = ((deposit.pixels[i]! % width) - region.x) / binning
      const y = (Math.floor(deposit.pixels[i]! / width) - region.y) / binning
      for (const entry of found) {
        const { x0, x1, y0, y1 } = entry.cluster
        if (x >= x0 && x < x1 + 1 && y >= y0 && y < y1 + 1) entry.light += deposit.light[i]!
      }
    }
    return found
      .filter(({ cluster, light }) => light > 0 && 2 * light >= cluster.sum)
      .sort((a, b) => b.light - a.light)
  }
}
