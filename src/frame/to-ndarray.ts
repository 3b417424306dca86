import ndarray from 'ndarray'
import type { Frame } from './frame.ts'

/**
 * The pixels as an ndarray of shape [height, width], without a copy: writing to it writes to the frame.
 * For views (`hi`, `lo`, `transpose`, `pick`) at the edge; loops over all pixels are several times faster
 * on `frame.pixels` itself.
 */
export function toNdarray(frame: Pick<Frame, 'pixels' | 'width' | 'height'>): ndarray.NdArray<Uint16Array> {
  return ndarray(frame.pixels, [frame.height, frame.width])
}
