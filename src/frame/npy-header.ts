import { corrupt, truncated, wrongShape } from './file-errors.ts'
import { type SampleType, sampleType } from './samples.ts'

/** What an .npy header says. Format: numpy.lib.format, versions 1.0, 2.0 and 3.0. */
export interface NpyHeader {
  readonly type: SampleType
  readonly fortran: boolean
  readonly shape: readonly number[]
  /** Byte offset of the first sample. */
  readonly dataOffset: number
}

/** Bytes to read so that any header we accept is complete. */
export const npyHeaderBytes = 65536

export function isNpy(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((value, i) => bytes[i] === value)
}

/**
 * Reads the header from the first bytes of a file.
 *
 * Throws GG_FILE_TRUNCATED, GG_FILE_CORRUPT, or GG_FILE_SHAPE for a sample type that is no number.
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  if (!isNpy(bytes)) throw corrupt(file, 'does not begin with the npy signature', 0)
  if (bytes.length < 12) throw truncated(file, 'ends inside the npy header', bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6]!
  if (version < 1 || version > 3) throw corrupt(file, `has npy version ${version}; 1, 2 and 3 exist`, 6)
  const start = version === 1 ? 10 : 12
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (start + length > npyHeaderBytes) throw corrupt(file, `announces a header of ${length} bytes`, 8)
  if (start + length > bytes.length) throw truncated(file, 'ends inside the npy header', bytes.length)
  const text = new TextDecoder('utf-8').decode(bytes.subarray(start, start + length))
  const descriptor = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1]
  const order = /'fortran_order'\s*:\s*(True|False)\b/.exec(text)?.[1]
  const shape = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(text)?.[1]
  if (!/^\{.*\}\s*$/s.test(text) || order === undefined || shape === undefined)
    throw corrupt(file, 'has an unreadable npy header', start)
  const type = descriptor === undefined ? undefined : sampleType(descriptor)
  if (type === undefined)
    throw wrongShape(
      file,
      `holds samples of type ${descriptor ?? 'record'}`,
      'Save integers of 1 to 8 bytes or floats of 4 or 8 bytes, for example array.astype("uint16")',
      start,
    )
  return {
    type,
    fortran: order === 'True',
    shape: dimensions(shape, file, start),
    dataOffset: start + length,
  }
}

function dimensions(text: string, file: string, offset: number): number[] {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.at(-1) === '') parts.pop()
  const result: number[] = []
  for (const part of parts) {
    if (!/^\d{1,15}L?$/.test(part)) throw corrupt(file, 'has an unreadable npy shape', offset)
    result.push(Number.parseInt(part, 10))
  }
  return result
}

/** A version 1.0 header, padded so that the data start at a multiple of 64 bytes, as numpy writes it. */
export function formatNpyHeader(descriptor: string, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`
  const total = Math.ceil((10 + dictionary.length + 1) / 64) * 64
  const text = `${dictionary.padEnd(total - 11)}\n`
  const bytes = new Uint8Array(total)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8])
  bytes.set(new TextEncoder().encode(text), 10)
  return bytes
}
