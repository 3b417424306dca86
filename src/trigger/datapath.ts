import { GemgateError } from '../core/errors.ts'
import { Clustering } from './clustering.ts'
import { EventPacketWriter } from './event-packet.ts'
import { clusterFeatures, featureCount } from './features.ts'
import { Preprocessor } from './preprocessor.ts'
import { regionBlocks } from './region-blocks.ts'
import { type TriggerSettings, validateSettings } from './settings.ts'
import { tileMasks, tileStatistics } from './tile-trigger.ts'

/** The classifier of the datapath: nine int8 features in, three int16 scores out, without allocation. */
export type Classifier = (features: Int8Array, scores: Int16Array) => void

/**
 * The trigger datapath as bit-exact integer arithmetic: the specification of hdl/trigger/recoil_trigger.sv.
 * One call processes one frame and gives the event packet that the logic gives.
 */
export class Datapath {
  readonly #classify: Classifier
  readonly #clustering = new Clustering()
  readonly #writer = new EventPacketWriter()
  readonly #features = new Int8Array(featureCount)
  readonly #scores = new Int16Array(3)
  readonly #preprocessor = new Preprocessor()

  constructor(classify: Classifier) {
    this.#classify = classify
  }

  /**
   * `pixels` and `words` (see pedestal-words.ts) hold width * height values. Throws GG_SETTINGS for settings
   * outside their ranges and GG_FRAME_GEOMETRY when an array has another length.
   */
  process(
    pixels: Uint16Array,
    words: Uint32Array,
    settings: TriggerSettings,
    frame: number,
    timeTag: number,
  ): Uint8Array {
    validateSettings(settings)
    const { width, height, tiles } = settings
    if (pixels.length !== width * height || words.length !== width * height)
      throw new GemgateError(
        'GG_FRAME_GEOMETRY',
        `${pixels.length} pixels and ${words.length} pedestal words for ${width}x${height}`,
        'Configure the device for the geometry of the frames.',
      )
    const { content, filtered, columns, rows, clippedPixels } = this.#preprocessor.process(
      pixels,
      words,
      settings,
    )
    this.#writer.header(frame, timeTag, settings)
    let index = 0
    const counts = this.#clustering.process(content, filtered, columns, rows, settings, (cluster) => {
      clusterFeatures(cluster, this.#features)
      this.#classify(this.#features, this.#scores)
      this.#writer.cluster(index++, cluster, this.#features, this.#scores)
    })
    this.#writer.blocks(regionBlocks(filtered, columns, rows, settings))
    if (tiles !== null)
      this.#writer.tiles(tileMasks(tileStatistics(pixels, words, width, height, tiles), tiles.variance))
    return this.#writer.trailer({ ...counts, clippedPixels })
  }
}
