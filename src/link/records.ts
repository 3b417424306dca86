import { frameOverhead } from './frame.ts'
import type { FrameSink } from './hdlc.ts'
import { recordMagic } from './protocol.ts'

/** Magic and length in front of the frame of a DMA record. */
export const recordHeaderBytes = 8

/** Bytes of the record around a frame of so many bytes: records are a multiple of 8. */
export function recordSize(frameBytes: number): number {
  return recordHeaderBytes + ((frameBytes + 7) & ~7)
}

/** Writes magic and length of a record; the frame goes behind it, what remains is 0. */
export function writeRecordHeader(frameBytes: number, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset)
  view.setUint32(0, recordMagic, true)
  view.setUint32(4, frameBytes, true)
}

/**
 * Finds the frames of DMA records in a stream of bytes, in any cut, aligned to 64-bit words. After anything but a
 * record or a zero word it looks for the next magic. Holds one record at most.
 */
export class RecordDecoder {
  readonly #sink: FrameSink
  #maximum = 0
  #bytes = new Uint8Array(0)
  #view = new DataView(this.#bytes.buffer)
  #length = 0
  /** Bytes of the record at hand, or of its header as long as that is not complete. */
  #need = recordHeaderBytes
  #lost = false

  constructor(maximumPayload: number, sink: FrameSink) {
    this.#sink = sink
    this.resize(maximumPayload)
  }

  /** Another limit from the next record on. */
  resize(maximumPayload: number): void {
    this.#maximum = frameOverhead + maximumPayload
    const bytes = new Uint8Array(Math.max(recordSize(this.#maximum), this.#need))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }

  /** Forgets the record at hand and looks for the next magic, at the next 64-bit word. */
  resynchronise(): void {
    this.#length &= 7
    this.#bytes.fill(0xff, 0, this.#length)
    this.#need = recordHeaderBytes
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + this.#need - this.#length)
      this.#bytes.set(part, this.#length)
      this.#length += part.length
      at += part.length
      if (this.#length < this.#need) return
      if (this.#need === recordHeaderBytes) this.#header()
      else this.#record()
    }
  }

  #header(): void {
    const magic = this.#view.getUint32(0, true)
    const length = this.#view.getUint32(4, true)
    if (magic === recordMagic && length >= frameOverhead && length <= this.#maximum) {
      this.#need = recordSize(length)
      this.#lost = false
      return
    }
    this.#length = 0
    if (this.#lost || (magic === 0 && length === 0)) return
    this.#lost = true
    this.#sink.fault()
  }

  #record(): void {
    const frameBytes = this.#view.getUint32(4, true)
    this.#length = 0
    this.#need = recordHeaderBytes
    this.#sink.frame(this.#bytes.subarray(recordHeaderBytes, recordHeaderBytes + frameBytes))
  }
}
