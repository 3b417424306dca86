import { type Band, bandSettings, bandWords } from '../../models/data/band.ts'
import type { Deposit } from '../../src/frame/truth.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import { type Cluster, decodeEventPacket, type EventRecord } from '../../src/trigger/event-packet.ts'
import type { PhysicsConditions } from './conditions.ts'

/** Runs the integer datapath on whole frames and on bands of rows, the tile trigger switched off. */
export class DatapathRunner {
  readonly #conditions: PhysicsConditions
  readonly #datapath: Datapath

  constructor(conditions: PhysicsConditions, classify: Classifier = (_, scores) => void scores.fill(0)) {
    this.#conditions = conditions
    this.#datapath = new Datapath(classify)
  }

  frame(pixels: Uint16Array, number = 0): EventRecord {
    const { settings, words } = this.#conditions
    return decodeEventPacket(this.#datapath.process(pixels, words, { ...settings, tiles: null }, number, 0))
  }

  /** Clusters in rows of the sensor; their boxes count from the first of them. */
  band(pixels: Uint16Array, band: Band): readonly Cluster[] {
    const { settings, words } = this.#conditions
    const own = bandWords(words, settings.width, band)
    return decodeEventPacket(this.#datapath.process(pixels, own, bandSettings(settings, band), 0, 0)).clusters
  }
}

/** Whether a box of the clusters of a band holds light of the deposit. */
export function holdsLight(
  clusters: readonly Cluster[],
  deposit: Deposit,
  { firstRow }: Band,
  { width, binning }: { readonly width: number; readonly binning: number },
): boolean {
  if (clusters.length === 0) return false
  return deposit.pixels.some((pixel) => {
    const x = Math.floor((pixel % width) / binning)
    const y = Math.floor((Math.floor(pixel / width) - firstRow) / binning)
    return clusters.some(({ x0, x1, y0, y1 }) => x >= x0 && x <= x1 && y >= y0 && y <= y1)
  })
}
