import type { MacroFrame } from './macro-frame.ts'
import { matchedFilter } from './matched-filter.ts'
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

/** Matched filter and gains of regions; keeps its buffers. */
export class MacroFilter {
  #filtered = new Int32Array(0)
  #scratch = new Int32Array(0)

  /** The contents pass unchanged: the result shares the array with `macro`. */
  process(macro: MacroFrame, { gains }: Pick<TriggerSettings, 'gains'>): PreprocessedFrame {
    const { columns, rows, content, search, clippedPixels } = macro
    if (this.#filtered.length !== search.length) {
      this.#filtered = new Int32Array(search.length)
      this.#scratch = new Int32Array(search.length)
    }
    const filtered = this.#filtered
    matchedFilter(search, columns, rows, filtered, this.#scratch)
    if (gains !== null) applyGains(filtered, columns, rows, gains)
    return { columns, rows, content, filtered, clippedPixels }
  }
}
