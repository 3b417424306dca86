import { GemgateError } from '../core/errors.ts'
import { Clustering } from './clustering.ts'
import { EventPacketWriter } from './event-packet.ts'
import { clusterFeatures, featureCount } from './features.ts'
import { MacroFilter } from './macro-filter.ts'
import { type MacroFrame, macroGeometry } from './macro-frame.ts'
import { regionBlocks } from './region-blocks.ts'
import { limits, type TriggerSettings } from './settings.ts'

/** The classifier of the datapath: nine int8 features in, three int16 scores out, without allocation. */
export type Classifier = (features: Int8Array, scores: Int16Array) => void

/**
 * The second half of the datapath, from macro-pixels to the event packet: the specification of
 * hdl/macro/macro_core.sv, and of the same part of hdl/trigger/recoil_trigger.sv.
 */
export class MacroDatapath {
  readonly #classify: Classifier
  readonly #clustering: Clustering
  readonly #filter = new MacroFilter()
  readonly #writer = new EventPacketWriter()
  readonly #features = new Int8Array(featureCount)
  readonly #scores = new Int16Array(3)

  /** At most 2 ** labelBits clusters are open at a time. */
  constructor(classify: Classifier, labelBits: number = limits.labelBits) {
    this.#classify = classify
    this.#clustering = new Clustering(labelBits)
  }

  /**
   * One event packet. Settings must be valid; throws GG_FRAME_GEOMETRY when the macro-pixels are not those of the settings.
   * @param tiles masks of the triggered tiles per row of tiles; none where the tile trigger is off or absent
   */
  process(
    macro: MacroFrame,
    settings: TriggerSettings,
    frame: number,
    timeTag: number,
    tiles: Uint32Array = new Uint32Array(0),
  ): Uint8Array {
    checkGeometry(macro, settings)
    const { content, filtered, columns, rows, clippedPixels } = this.#filter.process(macro, settings)
    this.#writer.header(frame, timeTag, settings)
    let index = 0
    const counts = this.#clustering.process(content, filtered, columns, rows, settings, (cluster) => {
      clusterFeatures(cluster, this.#features)
      this.#classify(this.#features, this.#scores)
      this.#writer.cluster(index++, cluster, this.#features, this.#scores)
    })
    this.#writer.blocks(regionBlocks(filtered, columns, rows, settings))
    this.#writer.tiles(tiles)
    return this.#writer.trailer({ ...counts, clippedPixels })
  }
}

function checkGeometry(macro: MacroFrame, settings: TriggerSettings): void {
  const { columns, rows } = macroGeometry(settings)
  const { content, search } = macro
  if (
    macro.columns === columns &&
    macro.rows === rows &&
    content.length === columns * rows &&
    search.length === columns * rows
  )
    return
  throw new GemgateError(
    'GG_FRAME_GEOMETRY',
    `${macro.columns}x${macro.rows} macro-pixels (${content.length} contents, ${search.length} sums) for ${columns}x${rows}`,
    'Make the macro-pixels with the settings that they are processed with.',
  )
}
