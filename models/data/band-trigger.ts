import type { Deposit } from '../../src/frame/truth.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { type Cluster, decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { Preprocessor } from '../../src/trigger/preprocessor.ts'
import { type Band, bandSettings, bandWords } from './band.ts'
import type { DarkRun } from './dark-run.ts'
import type { MacroImage } from './macro-crop.ts'

/** A cluster and the light of a deposit in its bounding box, ADU. */
export interface LitCluster {
  readonly cluster: Cluster
  readonly light: number
}

/** What the trigger makes of a band, with its contents; places count from the band's first macro-pixel. */
export interface BandEvent extends MacroImage {
  readonly band: Band
  readonly clusters: readonly Cluster[]
}

/** Runs the trigger's integer datapath on bands of the sensor. */
export class BandTrigger {
  readonly #dark: DarkRun
  readonly #preprocessor = new Preprocessor()
  readonly #datapath = new Datapath((_, scores) => void scores.fill(0))

  constructor(dark: DarkRun) {
    this.#dark = dark
  }

  /** Clusters and contents of `pixels`, which are those of `band`. */
  process(pixels: Uint16Array, band: Band): BandEvent {
    const settings = bandSettings(this.#dark.settings, band)
    const words = bandWords(this.#dark.words, settings.width, band)
    const packet = this.#datapath.process(pixels, words, settings, 0, 0)
    const { content, columns } = this.#preprocessor.process(pixels, words, settings)
    return { band, clusters: decodeEventPacket(packet).clusters, content, columns }
  }

  /**
   * The clusters that belong to a deposit, most of its light first: those whose bounding box holds light of it
   * worth at least half of the cluster's sum.
   */
  clustersOf(deposit: Deposit, { band, clusters }: BandEvent): LitCluster[] {
    const { width, binning } = this.#dark.settings
    const found = clusters.map((cluster) => ({ cluster, light: 0 }))
    for (let i = 0; i < deposit.pixels.length; i++) {
      const x = (deposit.pixels[i]! % width) / binning
      const y = (Math.floor(deposit.pixels[i]! / width) - band.firstRow) / binning
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
