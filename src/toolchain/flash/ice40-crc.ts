/** CRC-16 of iCE40 bitstreams: polynomial 0x1021, most significant bit first, no final xor (icepack.cc). */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** Register after the bytes from `start` to before `end`, beginning with `crc`; the device begins with 0xffff. */
export function ice40Crc(bytes: Uint8Array, start: number, end: number, crc = 0xffff): number {
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ bytes[i]!]!
  return crc
}
