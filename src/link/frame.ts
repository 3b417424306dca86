import { crc32 } from 'node:zlib'
import { crcBytes, headerBytes, type LinkFrame } from './protocol.ts'

/** Bytes of a frame beside its payload. */
export const frameOverhead = headerBytes + crcBytes

/** Why bytes are no frame: their length is wrong or contradicts the length field; the CRC is wrong. */
export type FrameFault = 'framing' | 'crc'

/** A frame with its CRC, not yet escaped or padded. The payload has at most 65535 bytes. */
export function encodeFrame(frame: LinkFrame): Uint8Array {
  const bytes = new Uint8Array(frameOverhead + frame.payload.length)
  writeFrame(frame, bytes, 0)
  return bytes
}

/** Writes a frame with its CRC into `target` from `at` on; it takes frameOverhead + payload bytes. */
export function writeFrame(frame: LinkFrame, target: Uint8Array, at: number): void {
  const { kind, flags, seq, aux, payload } = frame
  target[at] = kind
  target[at + 1] = flags
  target[at + 2] = seq
  target[at + 3] = seq >>> 8
  target[at + 4] = payload.length
  target[at + 5] = payload.length >>> 8
  target[at + 6] = aux
  target[at + 7] = aux >>> 8
  target.set(payload, at + headerBytes)
  const end = at + headerBytes + payload.length
  const crc = crc32(target.subarray(at, end))
  target[end] = crc
  target[end + 1] = crc >>> 8
  target[end + 2] = crc >>> 16
  target[end + 3] = crc >>> 24
}

/** The frame in exactly these bytes, its payload copied; never throws. */
export function decodeFrame(bytes: Uint8Array): LinkFrame | FrameFault {
  const end = bytes.length - crcBytes
  if (end < headerBytes || end - headerBytes !== (bytes[4]! | (bytes[5]! << 8))) return 'framing'
  const crc = bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16) | (bytes[end + 3]! << 24)
  if (crc >>> 0 !== crc32(bytes.subarray(0, end))) return 'crc'
  return {
    kind: bytes[0]!,
    flags: bytes[1]!,
    seq: bytes[2]! | (bytes[3]! << 8),
    aux: bytes[6]! | (bytes[7]! << 8),
    payload: bytes.slice(headerBytes, end),
  }
}
