import { imageError } from './image-error.ts'

/** What the header of an ECP5 bitstream says. The configuration data behind it are not checked. */
export interface LatticeBit {
  /** Lines such as `Part: LFE5U-85F-6CABGA381`. */
  readonly comment: readonly string[]
  /** JTAG IDCODE that the device compares with its own before it takes anything. */
  readonly idcode: number
  /** Offset of the preamble FF FF BD B3. */
  readonly start: number
}

/** Payload of the commands that may stand before the IDCODE check (Project Trellis, libtrellis Bitstream.cpp). */
const payloads: Readonly<Record<number, number>> = {
  59: 3, // 3B LSC_RESET_CRC
  34: 7, // 22 LSC_PROG_CNTRL0
  121: 3, // 79 SPI_MODE
  2: 11, // 02 LSC_WRITE_COMP_DIC
}

/**
 * Reads an ECP5 `.bit` up to its IDCODE check. Marked limits: neither frames nor their CRCs are checked, encrypted
 * images are refused; use it together with the SHA-256 of a manifest. Never tried on hardware.
 * @throws GemgateError GG_IMAGE with the byte offset
 */
export function parseLatticeBit(bytes: Uint8Array): LatticeBit {
  if (bytes[0] !== 0xff || bytes[1] !== 0) throw imageError('no ECP5 image: it does not begin with FF 00', 0)
  const end = bytes.indexOf(0xff, 2)
  if (end < 0 || end > 65536) throw imageError('the comment at the start does not end', bytes.length)
  let start = end
  while (bytes[start + 1] === 0xff && start - end < 64) start++
  start -= 1
  if (start < end || bytes[start + 2] !== 0xbd || bytes[start + 3] !== 0xb3)
    throw imageError('no ECP5 image: there is no preamble FF FF BD B3', Math.min(start + 2, bytes.length))
  const comment = Buffer.from(bytes.subarray(2, end)).toString('latin1').split('\0')
  for (let at = start + 4; at < bytes.length; ) {
    const command = bytes[at]!
    if (command === 0xff) {
      at++
      continue
    }
    if (command === 0xe2) {
      if (at + 8 > bytes.length) break
      const idcode = new DataView(bytes.buffer, bytes.byteOffset + at + 4, 4).getUint32(0)
      return { comment: comment.filter((line) => line !== ''), idcode, start }
    }
    const length = payloads[command]
    if (length === undefined)
      throw imageError(`command 0x${command.toString(16)} before the IDCODE check`, at)
    at += 1 + length
  }
  throw imageError('the file ends before the IDCODE check', bytes.length)
}
