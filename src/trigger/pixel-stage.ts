import { maskedSigma } from './pedestal-words.ts'
import type { TriggerSettings } from './settings.ts'

/** Twin of hdl/trigger/pixel_stage.sv: one residual, in 1/16 ADU, 18 bits signed. */
export function residual(
  pixel: number,
  word: number,
  settings: Pick<TriggerSettings, 'zeroSuppression' | 'clipLow' | 'clipHigh'>,
): number {
  const sigma = word >>> 20
  const difference = (pixel << 4) - (word & 0xfffff)
  if (sigma === maskedSigma) return 0
  if (settings.zeroSuppression !== null && difference * 16 <= settings.zeroSuppression * sigma) return 0
  return Math.min(Math.max(difference, -settings.clipLow), settings.clipHigh)
}

/**
 * Pedestal subtraction, zero suppression, clipping and binning of a whole frame.
 * `macro` receives (width / binning) * (height / binning) sums in ADU: (sum of residuals + 8) >> 4,
 * 18 bits signed, because at most 16 residuals of 18 bits in 1/16 ADU are added.
 * Returns how many pixels met clipHigh.
 */
export function binFrame(
  pixels: Uint16Array,
  words: Uint32Array,
  settings: TriggerSettings,
  macro: Int32Array,
): number {
  const { width, height, binning, clipHigh } = settings
  const low = -settings.clipLow
  const nsigma = settings.zeroSuppression ?? 0
  const suppress = settings.zeroSuppression !== null
  const columns = width / binning
  const log2 = binning >> 1
  let clipped = 0
  macro.fill(8)
  for (let y = 0; y < height; y++) {
    const base = (y >> log2) * columns
    let i = y * width
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (const end = i + binning; i < end; i++) {
        const word = words[i]!
        const sigma = word >>> 20
        const difference = (pixels[i]! << 4) - (word & 0xfffff)
        if (sigma === maskedSigma || (suppress && difference * 16 <= nsigma * sigma)) continue
        if (difference > clipHigh) {
          sum += clipHigh
          clipped++
        } else sum += difference < low ? low : difference
      }
      macro[base + column]! += sum
    }
  }
  for (let i = 0; i < macro.length; i++) macro[i]! >>= 4
  return clipped
}
