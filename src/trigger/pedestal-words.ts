/**
 * The pedestal as the logic sees it: one 32-bit word per pixel, in raster order.
 *
 *     31        20 19                 0
 *     [ sigma Q8.4 |   mean Q16.4     ]     both in ADU; sigma 0xFFF marks a masked pixel
 */
export const maskedSigma = 0xfff

/** The word of one pixel; mean and sigma in ADU, rounded to 1/16 and clamped to what the word holds. */
export function pedestalWord(mean: number, sigma: number, masked: boolean): number {
  const m = Math.min(Math.max(Math.round(mean * 16), 0), 0xfffff)
  const s = masked ? maskedSigma : Math.min(Math.max(Math.round(sigma * 16), 0), maskedSigma - 1)
  return ((s << 20) | m) >>> 0
}

/** What the packing needs of a pedestal: arrays of width * height. */
export interface PedestalMap {
  readonly width: number
  readonly height: number
  readonly mean: Float32Array
  readonly sigma: Float32Array
  /** 1 where the pixel is excluded. */
  readonly hot: Uint8Array
}

/** Words for a `width` x `height` frame; pixels outside the pedestal are masked (padding). */
export function pedestalWords(pedestal: PedestalMap, width: number, height: number): Uint32Array {
  const words = new Uint32Array(width * height).fill((maskedSigma << 20) >>> 0)
  const columns = Math.min(width, pedestal.width)
  const rows = Math.min(height, pedestal.height)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const i = y * pedestal.width + x
      words[y * width + x] = pedestalWord(pedestal.mean[i]!, pedestal.sigma[i]!, pedestal.hot[i] !== 0)
    }
  return words
}
