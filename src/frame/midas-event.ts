import { corrupt } from './file-errors.ts'

/** Bytes of an event header: event_id u16, trigger_mask u16, serial u32, time u32, size u32, little-endian. */
export const eventHeaderBytes = 16

/** A MIDAS event header. Layout: MIDAS `midas.h`, EVENT_HEADER. */
export interface EventHeader {
  readonly id: number
  readonly mask: number
  readonly serial: number
  /** Seconds since 1970. */
  readonly time: number
  /** Bytes after the header. */
  readonly size: number
}

/** One bank; `offset` counts from the start of the event's data (after its header). */
export interface Bank {
  readonly name: string
  /** MIDAS type id: 4 is 16-bit unsigned, 5 is 16-bit signed. */
  readonly type: number
  readonly offset: number
  readonly size: number
}

export function parseEventHeader(bytes: Uint8Array): EventHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    id: view.getUint16(0, true),
    mask: view.getUint16(2, true),
    serial: view.getUint32(4, true),
    time: view.getUint32(8, true),
    size: view.getUint32(12, true),
  }
}

/** Begin of run (0x8000, with the ODB dump), end of run (0x8001), message (0x8002): no banks inside. */
export function isInternal(header: EventHeader): boolean {
  return header.id >= 0x8000 && header.id <= 0x8002
}

/** Size of a bank header by the flags of the bank list: 16-bit, 32-bit, 32-bit aligned to 64. */
const bankHeaderBytes: Readonly<Record<number, 8 | 12 | 16>> = { 1: 8, 17: 12, 49: 16 }

/** Whether the first 24 bytes of a file look like a MIDAS event (no signature exists). */
export function isMidas(bytes: Uint8Array): boolean {
  if (bytes.length < eventHeaderBytes) return false
  const header = parseEventHeader(bytes)
  // Internal events carry "MI" as their trigger mask.
  if (isInternal(header)) return header.mask === 0x494d
  if (bytes.length < 24 || header.size < 8) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint32(16, true) <= header.size - 8 && view.getUint32(20, true) in bankHeaderBytes
}

/**
 * The banks of an event's data. `fileOffset` is the place of `data` in the file, for errors.
 *
 * Throws GG_FILE_CORRUPT when the sizes of event, bank list and banks contradict each other.
 */
export function parseBanks(data: Uint8Array, file: string, fileOffset: number): Bank[] {
  if (data.length < 8) throw corrupt(file, `has a MIDAS event of ${data.length} bytes`, fileOffset)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const total = view.getUint32(0, true)
  const flags = view.getUint32(4, true)
  const headerBytes = bankHeaderBytes[flags]
  if (headerBytes === undefined)
    throw corrupt(file, `has a MIDAS event with bank flags 0x${flags.toString(16)}`, fileOffset + 4)
  if (total + 8 > data.length)
    throw corrupt(file, `has ${total} bytes of banks in a MIDAS event of ${data.length}`, fileOffset)
  const banks: Bank[] = []
  const end = total + 8
  for (let at = 8; at + headerBytes <= end; ) {
    const name = String.fromCharCode(data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!)
    const type = headerBytes === 8 ? view.getUint16(at + 4, true) : view.getUint32(at + 4, true)
    const size = headerBytes === 8 ? view.getUint16(at + 6, true) : view.getUint32(at + 8, true)
    const offset = at + headerBytes
    if (!/^[\x20-\x7e]{4}$/.test(name))
      throw corrupt(file, 'has a MIDAS bank without a readable name', fileOffset + at)
    if (offset + size > end)
      throw corrupt(file, `has bank ${name} of ${size} bytes, more than its event holds`, fileOffset + at)
    banks.push({ name, type, offset, size })
    at = offset + Math.ceil(size / 8) * 8
  }
  return banks
}
