import { maskedSigma } from './pedestal-words.ts'
import type { TriggerSettings } from './settings.ts'

/** The residual 0 stands at this entry of a table of pixel weights. */
export const weightOrigin = 64

/** What one pixel contributes, in 1/16 ADU, 18 bits signed. */
export interface PixelResidual {
  /** To the light of a cluster. */
  readonly content: number
  /** To the search for light. */
  readonly search: number
}

/** Twin of hdl/trigger/pixel_stage.sv. */
export function residual(
  pixel: number,
  word: number,
  settings: Pick<TriggerSettings, 'weights' | 'clipLow' | 'clipHigh'>,
): PixelResidual {
  const difference = (pixel << 4) - (word & 0xfffff)
  if (word >>> 20 === maskedSigma) return { content: 0, search: 0 }
  const content = Math.min(Math.max(difference, -settings.clipLow), settings.clipHigh)
  if (settings.weights === null) return { content, search: content }
  const { shift, table } = settings.weights
  const entry = Math.min(Math.max((difference >> shift) + weightOrigin, 0), table.length - 1)
  return { content, search: table[entry]! }
}

/**
 * Pedestal subtraction, clipping, weighting and binning of a whole frame.
 * `content` and `search` receive (width / binning) * (height / binning) sums in ADU: (sum of residuals + 8) >> 4,
 * 18 bits signed, because at most 16 residuals of 18 bits in 1/16 ADU are added.
 * Returns how many pixels met clipHigh.
 */
export function binFrame(
  pixels: Uint16Array,
  words: Uint32Array,
  settings: Pick<TriggerSettings, 'width' | 'height' | 'binning' | 'weights' | 'clipLow' | 'clipHigh'>,
  content: Int32Array,
  search: Int32Array,
): number {
  const { width, height, binning, clipHigh, weights } = settings
  const low = -settings.clipLow
  const columns = width / binning
  const log2 = binning >> 1
  const shift = weights?.shift ?? 0
  const table = weights?.table
  let clipped = 0
  content.fill(8)
  search.fill(8)
  for (let y = 0; y < height; y++) {
    const base = (y >> log2) * columns
    let i = y * width
    for (let column = 0; column < columns; column++) {
      let sum = 0
      let weighted = 0
      for (const end = i + binning; i < end; i++) {
        const word = words[i]!
        const difference = (pixels[i]! << 4) - (word & 0xfffff)
        if (word >>> 20 === maskedSigma) continue
        if (table !== undefined) {
          const entry = (difference >> shift) + weightOrigin
          weighted += table[entry < 0 ? 0 : entry > 255 ? 255 : entry]!
        }
        if (difference > clipHigh) {
          sum += clipHigh
          clipped++
        } else sum += difference < low ? low : difference
      }
      content[base + column]! += sum
      search[base + column]! += table === undefined ? sum : weighted
    }
  }
  for (let i = 0; i < content.length; i++) {
    content[i]! >>= 4
    search[i]! >>= 4
  }
  return clipped
}
