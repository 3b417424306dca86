/** 32-bit words as little-endian bytes, as registers go over the link. */
export function wordsToBytes(words: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 * words.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]!, true)
  return bytes
}

/** The inverse of wordsToBytes; bytes behind the last whole word are left out. */
export function bytesToWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i, true))
}
