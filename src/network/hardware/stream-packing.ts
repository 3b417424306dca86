import { elementCount } from '../graph/integer-graph.ts'
import { type StreamFormat, streamWidth } from './hardware-module.ts'

/**
 * Index of the element that travels in `lane` of `beat`: a picture `[C, H, W]` as H * W beats of C lanes
 * goes pixel by pixel, everything else in row-major order; at or beyond the element count it is padding.
 */
export function elementAt(
  format: StreamFormat,
  shape: readonly number[],
  beat: number,
  lane: number,
): number {
  const pixels = elementCount(shape.slice(1))
  const byPixel = format.lanes === shape[0] && format.beats === pixels && pixels > 1
  return byPixel ? lane * pixels + beat : beat * format.lanes + lane
}

/** The tdata words of one tensor. */
export function packBeats(
  format: StreamFormat,
  shape: readonly number[],
  elements: ArrayLike<number>,
): bigint[] {
  return Array.from({ length: format.beats }, (_, beat) => {
    const digits: string[] = []
    for (let lane = format.lanes - 1; lane >= 0; lane--) {
      const element = elements[elementAt(format, shape, beat, lane)] ?? 0
      digits.push(BigInt.asUintN(format.bits, BigInt(element)).toString(2).padStart(format.bits, '0'))
    }
    return BigInt(`0b${digits.join('')}`)
  })
}

/** The elements of a tensor from its tdata words. */
export function unpackBeats(
  format: StreamFormat,
  shape: readonly number[],
  beats: readonly bigint[],
): Float64Array {
  const elements = new Float64Array(elementCount(shape))
  const width = streamWidth(format)
  beats.forEach((word, beat) => {
    const text = word.toString(2).padStart(width, '0')
    for (let lane = 0; lane < format.lanes; lane++) {
      const at = elementAt(format, shape, beat, lane)
      if (at >= elements.length) continue
      const end = width - lane * format.bits
      const raw = BigInt(`0b${text.slice(end - format.bits, end)}`)
      elements[at] = Number(format.signed ? BigInt.asIntN(format.bits, raw) : raw)
    }
  })
  return elements
}
