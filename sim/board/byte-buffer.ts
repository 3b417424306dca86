/** Bytes in order, pushed in chunks or one by one, without an object per byte. */
export class ByteBuffer {
  #bytes = new Uint8Array(4096)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  push(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  add(byte: number): void {
    this.#room(1)
    this.#bytes[this.#end++] = byte
  }

  /** Four bytes, little endian. */
  addWord(word: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.add(word >>> shift)
  }

  /** The next byte; there must be one. */
  shift(): number {
    return this.#bytes[this.#start++]!
  }

  /** The next four bytes, little endian, signed; there must be four. */
  shiftWord(): number {
    return this.shift() | (this.shift() << 8) | (this.shift() << 16) | (this.shift() << 24)
  }

  /** A copy of the next bytes, at most `count`. */
  take(count: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start, Math.min(this.#end, this.#start + count))
    this.#start += taken.length
    return taken
  }

  #room(count: number): void {
    if (this.#end + count <= this.#bytes.length) return
    const size = this.length
    const larger = size + count > this.#bytes.length / 2 ? new Uint8Array(2 * (size + count)) : this.#bytes
    larger.set(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = larger
    this.#start = 0
    this.#end = size
  }
}
