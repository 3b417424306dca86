import { imageError } from './image-error.ts'

/** What the header of a Xilinx 7-series `.bit` says. The configuration data behind it are not checked. */
export interface XilinxBit {
  /** Field a: name of the design and version of the tool. */
  readonly design: string
  /** Field b, such as `7a200tfbg484`. */
  readonly part: string
  readonly date: string
  readonly time: string
  /** Value that the bitstream writes to the IDCODE register; the top four bits are the revision of the silicon. */
  readonly idcode: number
  /** Offset and number of the bytes that go into the device. */
  readonly start: number
  readonly length: number
}

const magic = [0x00, 0x09, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0, 0x00, 0x00, 0x01]

/** Words after the sync word among which the IDCODE write must stand. */
const searchedWords = 1024

/**
 * Reads a Xilinx `.bit`: fields a to e, the sync word AA995566 and the write to the IDCODE register (UG470, packets of
 * type 1). Marked limits: frames and CRC are not checked; use it together with the SHA-256 of a manifest. Never
 * tried on hardware.
 * @throws GemgateError GG_IMAGE with the byte offset
 */
export function parseXilinxBit(bytes: Uint8Array): XilinxBit {
  if (magic.some((byte, i) => bytes[i] !== byte))
    throw imageError('no Xilinx image: the header 00 09 0F F0 ... 00 01 is missing', 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields: Record<string, string> = {}
  let at = magic.length
  for (const name of ['a', 'b', 'c', 'd']) {
    if (at + 3 > bytes.length) throw imageError('the file ends in its header', bytes.length)
    if (bytes[at] !== name.charCodeAt(0)) throw imageError(`field ${name} of the header is missing`, at)
    const length = view.getUint16(at + 1)
    if (at + 3 + length > bytes.length) throw imageError('the file ends in its header', bytes.length)
    fields[name] = Buffer.from(bytes.subarray(at + 3, at + 3 + length))
      .toString('latin1')
      .replace(/\0+$/, '')
    at += 3 + length
  }
  if (at + 5 > bytes.length) throw imageError('the file ends in its header', bytes.length)
  if (bytes[at] !== 0x65) throw imageError('field e of the header is missing', at)
  const length = view.getUint32(at + 1)
  const start = at + 5
  if (length !== bytes.length - start)
    throw imageError(`the header announces ${length} bytes, and ${bytes.length - start} follow`, start)
  return {
    design: fields['a']!,
    part: fields['b']!,
    date: fields['c']!,
    time: fields['d']!,
    idcode: findIdcode(view, start),
    start,
    length,
  }
}

function findIdcode(view: DataView, start: number): number {
  const end = view.byteLength
  let at = start
  while (at + 4 <= end && at - start < 4096 && view.getUint32(at) !== 0xaa995566) at++
  if (at + 4 > end || view.getUint32(at) !== 0xaa995566)
    throw imageError('the sync word AA995566 is missing', Math.min(at, end))
  at += 4
  for (let n = 0; n < searchedWords && at + 8 <= end; n++) {
    const word = view.getUint32(at)
    if (word === 0x30018001) return view.getUint32(at + 4)
    // Type 1: operation 28:27, address 17:13, words 10:0; no frames may come before the IDCODE.
    if (word >>> 29 !== 1) throw imageError('a packet of unknown type before the IDCODE', at)
    at += 4 + 4 * ((word >>> 27) & 3 ? word & 0x7ff : 0)
  }
  throw imageError('the write to the IDCODE register is missing', Math.min(at, end))
}
