import { MacroFilter, type PreprocessedFrame } from './macro-filter.ts'
import { type MacroFrame, macroFrame } from './macro-frame.ts'
import type { TriggerSettings } from './settings.ts'

export type { PreprocessedFrame } from './macro-filter.ts'

/** The window operations of the datapath, from pixels to what is searched for clusters. Keeps its buffers. */
export class Preprocessor {
  readonly #filter = new MacroFilter()
  #macro: MacroFrame | undefined

  /** `pixels` and `words` hold width * height values; settings must be valid. */
  process(pixels: Uint16Array, words: Uint32Array, settings: TriggerSettings): PreprocessedFrame {
    this.#macro = macroFrame(pixels, words, settings, this.#macro)
    return this.#filter.process(this.#macro, settings)
  }
}
