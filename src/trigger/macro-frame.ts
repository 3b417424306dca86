import { removeCommonMode } from './common-mode.ts'
import { binFrame } from './pixel-stage.ts'
import type { TriggerSettings } from './settings.ts'

/**
 * A frame of macro-pixels before the matched filter: what the logic of small boards is given. Row-major,
 * `columns` x `rows` values in ADU, 18 bits signed.
 */
export interface MacroFrame {
  readonly columns: number
  readonly rows: number
  /** What the moments are made of. */
  readonly content: Int32Array
  /** What light is searched in: weighted, where the settings have weights. */
  readonly search: Int32Array
  /** Pixels that met clipHigh. */
  readonly clippedPixels: number
}

/** The settings that say how many macro-pixels a frame has. */
type MacroGeometry = Pick<TriggerSettings, 'width' | 'height' | 'binning'>

/** Macro-pixels per row and column. */
export function macroGeometry({ width, height, binning }: MacroGeometry): { columns: number; rows: number } {
  return { columns: width / binning, rows: height / binning }
}

/**
 * The first half of the datapath: pedestal subtraction, weights, binning, common mode. `pixels` and `words` (see
 * pedestal-words.ts) hold width * height values; settings must be valid.
 * @param reuse an earlier result that is no longer needed: its arrays are written anew where they fit
 */
export function macroFrame(
  pixels: Uint16Array,
  words: Uint32Array,
  settings: TriggerSettings,
  reuse?: MacroFrame,
): MacroFrame {
  const { columns, rows } = macroGeometry(settings)
  const fits = reuse !== undefined && reuse.content.length === columns * rows
  const content = fits ? reuse.content : new Int32Array(columns * rows)
  const search = fits ? reuse.search : new Int32Array(columns * rows)
  const clippedPixels = binFrame(pixels, words, settings, content, search)
  const { commonMode } = settings
  if (commonMode !== null) {
    removeCommonMode(content, columns, rows, commonMode.content)
    removeCommonMode(search, columns, rows, commonMode.search)
  }
  return { columns, rows, content, search, clippedPixels }
}
