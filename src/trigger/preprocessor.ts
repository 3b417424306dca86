import { removeCommonMode } from './common-mode.ts'
import { matchedFilter } from './matched-filter.ts'
import { binFrame } from './pixel-stage.ts'
import { applyGains } from './region-gain.ts'
import type { TriggerSettings } from './settings.ts'

/** A frame of macro-pixels as the clustering sees it; `columns` x `rows`, row-major, valid until the next frame. */
export interface PreprocessedFrame {
  readonly columns: number
  readonly rows: number
  /** ADU above the pedestal. */
  readonly content: Int32Array
  /** Output of the matched filter, noise equalised. */
  readonly filtered: Int32Array
  /** Pixels that met clipHigh. */
  readonly clippedPixels: number
}

/** The window operations of the datapath, from pixels to what is searched for clusters. Keeps its buffers. */
export class Preprocessor {
  #content = new Int32Array(0)
  #search = new Int32Array(0)
  #filtered = new Int32Array(0)
  #scratch = new Int32Array(0)

  /** `pixels` and `words` hold width * height values; settings must be valid. */
  process(pixels: Uint16Array, words: Uint32Array, settings: TriggerSettings): PreprocessedFrame {
    const { width, height, binning, commonMode, gains } = settings
    const columns = width / binning
    const rows = height / binning
    if (this.#content.length !== columns * rows) {
      this.#content = new Int32Array(columns * rows)
      this.#search = new Int32Array(columns * rows)
      this.#filtered = new Int32Array(columns * rows)
      this.#scratch = new Int32Array(columns * rows)
    }
    const content = this.#content
    const search = this.#search
    const filtered = this.#filtered
    const clippedPixels = binFrame(pixels, words, settings, content, search)
    if (commonMode !== null) {
      removeCommonMode(content, columns, rows, commonMode.content)
      removeCommonMode(search, columns, rows, commonMode.search)
    }
    matchedFilter(search, columns, rows, filtered, this.#scratch)
    if (gains !== null) applyGains(filtered, columns, rows, gains)
    return { columns, rows, content, filtered, clippedPixels }
  }
}
