import type { Pedestal } from '../../frame/pedestal.ts'
import { maskedSigma } from '../../trigger/pedestal-words.ts'

/** What the reference needs of a pedestal, in ADU, `width * height` of each. */
export type NoiseMaps = Pick<Pedestal, 'width' | 'height' | 'mean' | 'sigma'>

/**
 * Mean and noise as a device was told them, in steps of 1/16 ADU. A masked pixel has infinite noise: zero
 * suppression drops it, a weighted filter gives it no weight.
 * @param rowLength words per row, more than `width` where the device's frame is padded
 */
export function noiseMapsFromWords(
  words: Uint32Array,
  width: number,
  height: number,
  rowLength = width,
): NoiseMaps {
  const mean = new Float32Array(width * height)
  const sigma = new Float32Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const word = words[y * rowLength + x]!
      mean[y * width + x] = (word & 0xfffff) / 16
      sigma[y * width + x] = word >>> 20 === maskedSigma ? Number.POSITIVE_INFINITY : (word >>> 20) / 16
    }
  return { width, height, mean, sigma }
}

/** Pixels minus the mean of each, in ADU; a pixel at or above `upperCut` counts as 0 ADU, as CYGNO does. */
export function subtractPedestal(
  pixels: Uint16Array,
  mean: Float32Array,
  upperCut: number = Number.POSITIVE_INFINITY,
): Float32Array {
  const residual = new Float32Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) residual[i] = (pixels[i]! < upperCut ? pixels[i]! : 0) - mean[i]!
  return residual
}
