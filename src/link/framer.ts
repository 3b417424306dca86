import type { Carrier } from './carrier.ts'
import { decodeFrame, encodeFrame, type FrameFault, frameOverhead, writeFrame } from './frame.ts'
import { stuff, Unstuffer } from './hdlc.ts'
import { type LinkFrame, largestPayload } from './protocol.ts'
import { RecordDecoder, recordHeaderBytes, recordSize, writeRecordHeader } from './records.ts'

/** How frames become bytes of a carrier. */
export type Framing = Carrier['framing']

/** The bytes of one frame for a carrier. */
export function encodeFor(framing: Framing, frame: LinkFrame): Uint8Array {
  if (framing === 'bytes') return stuff(encodeFrame(frame))
  const frameBytes = frameOverhead + frame.payload.length
  const bytes = new Uint8Array(recordSize(frameBytes))
  writeRecordHeader(frameBytes, bytes)
  writeFrame(frame, bytes, recordHeaderBytes)
  return bytes
}

/** Bytes after which a receiver with a wrong length has found the end of its record, whatever the length was. */
export function resynchronisation(framing: Framing): Uint8Array {
  return new Uint8Array(framing === 'bytes' ? 0 : recordSize(frameOverhead + largestPayload))
}

/** What a FrameDecoder met; never wraps. */
export interface FrameCounters {
  /** Frames with a right CRC. */
  frames: number
  crcErrors: number
  /** Too short, too long, or a length field that contradicts the length. */
  framingErrors: number
}

/**
 * Bytes of a carrier in any cut to checked frames. Garbage costs the frames that it touches, nothing else: it is
 * counted, never thrown, and at most one frame is held.
 */
export class FrameDecoder {
  readonly counters: FrameCounters = { frames: 0, crcErrors: 0, framingErrors: 0 }
  readonly #sink: (frame: LinkFrame) => void
  readonly #decoder: Unstuffer | RecordDecoder

  /** Frames with more than `maximumPayload` bytes of payload count as framing errors. */
  constructor(framing: Framing, maximumPayload: number, sink: (frame: LinkFrame) => void) {
    this.#sink = sink
    const found = { frame: (bytes: Uint8Array) => this.#frame(bytes), fault: () => this.#count('framing') }
    this.#decoder =
      framing === 'bytes' ? new Unstuffer(maximumPayload, found) : new RecordDecoder(maximumPayload, found)
  }

  /** Damaged frames of both kinds. */
  get errors(): number {
    return this.counters.crcErrors + this.counters.framingErrors
  }

  /** Another limit of payload from the next frame on; may be called from the sink. */
  resize(maximumPayload: number): void {
    this.#decoder.resize(maximumPayload)
  }

  push(chunk: Uint8Array): void {
    this.#decoder.push(chunk)
  }

  /** Gives up the record at hand, whose length may be wrong; escaped bytes find the next frame by themselves. */
  resynchronise(): void {
    if (this.#decoder instanceof RecordDecoder) this.#decoder.resynchronise()
  }

  #frame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes)
    if (typeof frame === 'string') this.#count(frame)
    else {
      this.counters.frames++
      this.#sink(frame)
    }
  }

  #count(fault: FrameFault): void {
    if (fault === 'crc') this.counters.crcErrors++
    else this.counters.framingErrors++
  }
}
