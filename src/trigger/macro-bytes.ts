import { GemgateError } from '../core/errors.ts'
import type { MacroFrame } from './macro-frame.ts'

/**
 * Bytes of a macro-pixel on the pixels stream of small boards: bits 17:0 the content, bits 35:18 the sum in which light
 * is searched, both two's complement, bits 39:36 zero (the logic ignores them); little endian.
 */
export const macroPixelBytes = 5

/** The stream of one frame: its macro-pixels in raster order. Values beyond 18 bits lose their upper bits. */
export function encodeMacroPixels({ content, search }: Pick<MacroFrame, 'content' | 'search'>): Uint8Array {
  const bytes = new Uint8Array(macroPixelBytes * content.length)
  for (let i = 0, at = 0; i < content.length; i++) {
    const c = content[i]!
    const s = search[i]!
    bytes[at++] = c
    bytes[at++] = c >> 8
    bytes[at++] = ((c >> 16) & 3) | (s << 2)
    bytes[at++] = s >> 6
    bytes[at++] = (s >> 14) & 15
  }
  return bytes
}

/** The inverse of encodeMacroPixels. Throws GG_STREAM when the bytes are no whole number of macro-pixels. */
export function decodeMacroPixels(bytes: Uint8Array): Pick<MacroFrame, 'content' | 'search'> {
  if (bytes.length % macroPixelBytes !== 0)
    throw new GemgateError(
      'GG_STREAM',
      `${bytes.length} bytes are no whole number of macro-pixels`,
      `Send ${macroPixelBytes} bytes per macro-pixel.`,
    )
  const content = new Int32Array(bytes.length / macroPixelBytes)
  const search = new Int32Array(content.length)
  for (let i = 0, at = 0; i < content.length; i++, at += macroPixelBytes) {
    const middle = bytes[at + 2]!
    content[i] = ((bytes[at]! | (bytes[at + 1]! << 8) | (middle << 16)) << 14) >> 14
    search[i] = (((middle >> 2) | (bytes[at + 3]! << 6) | (bytes[at + 4]! << 14)) << 14) >> 14
  }
  return { content, search }
}
