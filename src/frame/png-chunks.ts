import { crc32, inflateSync } from 'node:zlib'
import { corrupt, truncated, wrongFormat, wrongShape } from './file-errors.ts'
import { checkGeometry } from './picture.ts'

/** The header of a PNG and its scanlines, checksums verified, filters not yet undone. */
export interface PngContent {
  readonly width: number
  readonly height: number
  readonly depth: 8 | 16
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  readonly channels: 1 | 2 | 3 | 4
  /** `height` lines of one filter byte and `width * channels * depth / 8` sample bytes. */
  readonly scanlines: Uint8Array
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const channelsOfColour: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 4: 2, 6: 4 }

export function isPng(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && signature.every((value, i) => bytes[i] === value)
}

/**
 * Walks the chunks of a PNG (W3C PNG, third edition), checks every CRC, and inflates the picture.
 *
 * The general decoders fill a short picture with zeros and skip the Adler checksum; here the inflated length
 * must match the announced geometry to the byte, and is never allowed beyond it.
 */
export function readPngContent(bytes: Uint8Array, file: string): PngContent {
  if (!isPng(bytes)) throw corrupt(file, 'does not begin with the PNG signature', 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let header: Omit<PngContent, 'scanlines'> | undefined
  const compressed: Uint8Array[] = []
  for (let offset = 8; ; ) {
    if (offset + 12 > bytes.length) throw truncated(file, 'ends before its IEND chunk', bytes.length)
    const length = view.getUint32(offset)
    const end = offset + 12 + length
    if (end > bytes.length)
      throw truncated(file, `ends inside a chunk of ${length} bytes that begins at ${offset}`, bytes.length)
    if (crc32(bytes.subarray(offset + 4, end - 4)) !== view.getUint32(end - 4))
      throw corrupt(file, 'has a PNG chunk with a wrong checksum', offset)
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8))
    if (header === undefined && type !== 'IHDR') throw corrupt(file, `begins with a ${type} chunk`, offset)
    if (type === 'IHDR') header = imageHeader(view, offset + 8, length, file)
    else if (type === 'IDAT') compressed.push(bytes.subarray(offset + 8, end - 4))
    else if (type === 'IEND') break
    else if ((bytes[offset + 4]! & 0x20) === 0 && type !== 'PLTE')
      throw wrongFormat(file, `needs the unknown PNG chunk ${type}`, 'Save it again as a plain PNG', offset)
    offset = end
  }
  return { ...header!, scanlines: inflateExactly(Buffer.concat(compressed), scanlineBytes(header!), file) }
}

function imageHeader(
  view: DataView,
  at: number,
  length: number,
  file: string,
): Omit<PngContent, 'scanlines'> {
  if (length !== 13) throw corrupt(file, `has an IHDR chunk of ${length} bytes`, at)
  const width = view.getUint32(at)
  const height = view.getUint32(at + 4)
  const depth = view.getUint8(at + 8)
  const colour = view.getUint8(at + 9)
  const channels = channelsOfColour[colour]
  checkGeometry(file, width, height, at)
  if (channels === undefined)
    throw wrongShape(file, `has PNG colour type ${colour} (palette)`, 'Save it as 8- or 16-bit grey', at + 9)
  if (depth !== 8 && depth !== 16)
    throw wrongShape(file, `has ${depth} bits per sample`, 'Save it as 8- or 16-bit grey', at + 8)
  if (view.getUint8(at + 10) !== 0 || view.getUint8(at + 11) !== 0)
    throw corrupt(file, 'names an unknown PNG compression or filter method', at + 10)
  if (view.getUint8(at + 12) !== 0)
    throw wrongFormat(file, 'is interlaced', 'Save it without interlacing', at + 12)
  return { width, height, depth, channels }
}

function scanlineBytes({ width, height, depth, channels }: Omit<PngContent, 'scanlines'>): number {
  return height * (1 + (width * channels * depth) / 8)
}

function inflateExactly(compressed: Uint8Array, expected: number, file: string): Uint8Array {
  let inflated: Uint8Array
  try {
    inflated = inflateSync(compressed, { maxOutputLength: expected + 1 })
  } catch (error) {
    throw corrupt(file, 'has PNG picture data that cannot be decompressed to its size', undefined, error)
  }
  if (inflated.length !== expected)
    throw corrupt(file, `has ${inflated.length} bytes of PNG picture data where ${expected} belong`)
  return inflated
}
