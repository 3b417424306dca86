import { GemgateError } from '../core/errors.ts'
import { type Classifier, MacroDatapath } from './macro-datapath.ts'
import { type MacroFrame, macroFrame } from './macro-frame.ts'
import { type TriggerSettings, validateSettings } from './settings.ts'
import { tileMasks, tileStatistics } from './tile-trigger.ts'

export type { Classifier } from './macro-datapath.ts'

/**
 * The trigger datapath as bit-exact integer arithmetic: the specification of hdl/trigger/recoil_trigger.sv.
 * One call processes one frame and gives the event packet that the logic gives.
 */
export class Datapath {
  readonly #macro: MacroDatapath
  #frame: MacroFrame | undefined

  /** At most 2 ** labelBits clusters are open at a time. */
  constructor(classify: Classifier, labelBits?: number) {
    this.#macro = new MacroDatapath(classify, labelBits)
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
    this.#frame = macroFrame(pixels, words, settings, this.#frame)
    const masks =
      tiles === null
        ? undefined
        : tileMasks(tileStatistics(pixels, words, width, height, tiles), tiles.variance)
    return this.#macro.process(this.#frame, settings, frame, timeTag, masks)
  }
}
