/** Bytes of a pixel on the pixels stream of boards that take raw pixels: u16 pixel, u32 pedestal word, little endian. */
export const pixelBytes = 6

/** Puts the pedestal words of a frame beside its pixels, which come in any cut. */
export class PixelInterleaver {
  /** The first byte of a pixel whose second one has yet to come. */
  #low = 0

  /**
   * @param bytes a part of the frame, u16 little endian
   * @param offset its place in the frame, bytes
   * @param words the pedestal words of the frame
   */
  encode(bytes: Uint8Array, offset: number, words: Uint32Array): Uint8Array {
    const first = offset >> 1
    const count = ((offset + bytes.length) >> 1) - first
    const out = new Uint8Array(pixelBytes * count)
    let at = 0
    if (offset % 2 === 1 && bytes.length > 0) this.#put(out, 0, this.#low, bytes[at++]!, words[first]!)
    const start = at
    for (let i = start; i < count; i++, at += 2)
      this.#put(out, pixelBytes * i, bytes[at]!, bytes[at + 1]!, words[first + i]!)
    if (at < bytes.length) this.#low = bytes[at]!
    return out
  }

  #put(out: Uint8Array, at: number, low: number, high: number, word: number): void {
    out[at] = low
    out[at + 1] = high
    out[at + 2] = word
    out[at + 3] = word >>> 8
    out[at + 4] = word >>> 16
    out[at + 5] = word >>> 24
  }
}
