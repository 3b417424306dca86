import { crc32, inflateRawSync } from 'node:zlib'
import { corrupt, overLimit, truncated, wrongFormat } from './file-errors.ts'

/** Largest member that is unpacked. */
const mostBytes = 1 << 30

/** A zip file with stored (uncompressed) members, as `numpy.savez` makes them. PKWARE APPNOTE 6.3. */
export function encodeZip(members: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const [name, data] of members) {
    const nameBytes = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0) // version 2.0
    common.writeUInt16LE(0x21, 8) // 1980-01-01: the same data give the same file
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    parts.push(Buffer.from('PK\x03\x04'), common, nameBytes, data)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, nameBytes)
    offset += 30 + nameBytes.length + data.length
  }
  const directoryBytes = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directoryBytes.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, directoryBytes, end])
}

/** The members of a zip file (stored or deflated, not zip64 or encrypted), every CRC checked. */
export function decodeZip(bytes: Uint8Array, file: string): Map<string, Uint8Array<ArrayBuffer>> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (zip.length < 4 || zip.readUInt32LE(0) !== 0x04034b50)
    throw corrupt(file, 'does not begin as a zip file', 0)
  if (end < 0 || end + 22 > zip.length) throw truncated(file, 'ends before its zip directory', zip.length)
  const members = new Map<string, Uint8Array<ArrayBuffer>>()
  let at = zip.readUInt32LE(end + 16)
  for (let i = zip.readUInt16LE(end + 10); i > 0; i--) {
    if (at + 46 > end || zip.readUInt32LE(at) !== 0x02014b50)
      throw corrupt(file, 'has an unreadable zip directory', at)
    const nameLength = zip.readUInt16LE(at + 28)
    const next = at + 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
    if (next > end) throw corrupt(file, 'has an unreadable zip directory', at)
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    members.set(name, member(zip, at, file, name))
    at = next
  }
  return members
}

function member(zip: Buffer, entry: number, file: string, name: string): Uint8Array<ArrayBuffer> {
  const method = zip.readUInt16LE(entry + 10)
  const packed = zip.readUInt32LE(entry + 20)
  const size = zip.readUInt32LE(entry + 24)
  const local = zip.readUInt32LE(entry + 42)
  if (size > mostBytes) throw overLimit(file, `announces ${size} bytes for ${name}`, entry)
  if ((method !== 0 && method !== 8) || (zip.readUInt16LE(entry + 8) & 1) !== 0)
    throw wrongFormat(
      file,
      `holds ${name} in zip method ${method} or encrypted`,
      'Save it with numpy.savez',
      entry,
    )
  if (local + 30 > zip.length || zip.readUInt32LE(local) !== 0x04034b50)
    throw corrupt(file, `has no member where ${name} should be`, local)
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  if (start + packed > zip.length) throw truncated(file, `ends inside ${name}`, zip.length)
  const raw = zip.subarray(start, start + packed)
  let data: Uint8Array<ArrayBuffer>
  try {
    data = new Uint8Array(method === 0 ? raw : inflateRawSync(raw, { maxOutputLength: Math.max(1, size) }))
  } catch (error) {
    throw corrupt(file, `has damaged data in ${name}`, start, error)
  }
  if (data.length !== size || crc32(data) !== zip.readUInt32LE(entry + 16))
    throw corrupt(file, `has data in ${name} that contradict their checksum`, start)
  return data
}
