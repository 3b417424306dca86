import { frameOverhead } from './frame.ts'
import { hdlc } from './protocol.ts'

/** Flag, the frame with flag and escape bytes escaped, flag. */
export function stuff(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 * frame.length + 2)
  let at = 0
  bytes[at++] = hdlc.flag
  for (let i = 0; i < frame.length; i++) {
    const byte = frame[i]!
    if (byte === hdlc.flag || byte === hdlc.escape) {
      bytes[at++] = hdlc.escape
      bytes[at++] = byte ^ hdlc.toggle
    } else bytes[at++] = byte
  }
  bytes[at++] = hdlc.flag
  return bytes.subarray(0, at)
}

/** Hears what an Unstuffer or a RecordDecoder finds. */
export interface FrameSink {
  /** Bytes of a frame of a possible length, valid during the call. */
  frame(bytes: Uint8Array): void
  /** Bytes that are no frame; once for each run of them. */
  fault(): void
}

/**
 * Finds frames between flags in a stream of bytes, in any cut. Holds one frame at most.
 * Bytes before the first flag count as a frame, which its CRC refuses if it is none.
 */
export class Unstuffer {
  readonly #sink: FrameSink
  #bytes: Uint8Array
  #length = 0
  #escaped = false
  #overlong = false

  constructor(maximumPayload: number, sink: FrameSink) {
    this.#sink = sink
    this.#bytes = new Uint8Array(frameOverhead + maximumPayload)
  }

  /** Another limit from here on; what is held of a frame stays unless it is too long now. */
  resize(maximumPayload: number): void {
    const bytes = new Uint8Array(frameOverhead + maximumPayload)
    this.#overlong ||= this.#length > bytes.length
    this.#length = Math.min(this.#length, bytes.length)
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }

  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte === hdlc.flag) this.#end()
      else if (this.#escaped) {
        this.#escaped = false
        this.#take(byte ^ hdlc.toggle)
      } else if (byte === hdlc.escape) this.#escaped = true
      else this.#take(byte)
    }
  }

  #take(byte: number): void {
    if (this.#length < this.#bytes.length) this.#bytes[this.#length++] = byte
    else this.#overlong = true
  }

  #end(): void {
    const length = this.#length
    const broken = this.#escaped || this.#overlong
    this.#length = 0
    this.#escaped = false
    this.#overlong = false
    if (broken || (length > 0 && length < frameOverhead)) this.#sink.fault()
    else if (length > 0) this.#sink.frame(this.#bytes.subarray(0, length))
  }
}
