import { wrongShape } from './file-errors.ts'

/** How one sample lies in a file. */
export interface SampleType {
  /** `u` unsigned, `i` signed integer, `f` IEEE float. */
  readonly kind: 'u' | 'i' | 'f'
  readonly bytes: 1 | 2 | 4 | 8
  readonly littleEndian: boolean
}

/** Where the samples came from, for the error that names the first bad one. */
export interface SamplePlace {
  readonly file: string
  /** Byte offset of sample 0 in the file, where it is known. */
  readonly offset?: number
}

/** The sample type of a name such as `<u2`, `|u1` or `>f8` (numpy and HDF5 spelling); undefined if unknown. */
export function sampleType(descriptor: string): SampleType | undefined {
  const match = /^([<>|=])([uif])([1248])$/.exec(descriptor)
  if (match === null) return undefined
  const kind = match[2] as SampleType['kind']
  const bytes = Number(match[3]) as SampleType['bytes']
  if (kind === 'f' && bytes < 4) return undefined
  if (match[1] === '|' && bytes > 1) return undefined
  return { kind, bytes, littleEndian: match[1] !== '>' }
}

/** Significant bits of ADU made from samples of this type. */
export function bitDepthOf(type: SampleType): number {
  return type.bytes === 1 ? 8 : 16
}

/**
 * Samples to ADU. Floats are rounded to the nearest integer (halves up), unless they are fractions below 16; a value that is not finite or lies
 * outside 0..65535 after rounding is refused (GG_FILE_SHAPE, naming its byte), never clipped.
 *
 * `bytes` holds exactly the samples. With `adopt` its buffer may become the result's memory (it must then
 * start at byte 0 of a buffer of its own). Little-endian hosts only, as all of gemgate.
 */
export function toAdu(bytes: Uint8Array, type: SampleType, place: SamplePlace, adopt = false): Uint16Array {
  const count = bytes.length / type.bytes
  if (type.kind === 'u' && type.bytes === 1) {
    const result = new Uint16Array(count)
    for (let i = 0; i < count; i++) result[i] = bytes[i]!
    return result
  }
  // A copy by constructor: `slice` of a Buffer would be a view.
  const own = adopt && bytes.byteOffset === 0 ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
  if (!type.littleEndian) swap(own, type.bytes)
  if (type.kind === 'u' && type.bytes === 2) return new Uint16Array(own.buffer, 0, count)
  return narrow(viewOf(own, type, count), type, place)
}

function swap(bytes: Uint8Array<ArrayBuffer>, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size === 2) buffer.swap16()
  else if (size === 4) buffer.swap32()
  else if (size === 8) buffer.swap64()
}

function viewOf(own: Uint8Array<ArrayBuffer>, type: SampleType, count: number): ArrayLike<number> {
  const { buffer } = own
  if (type.kind === 'f')
    return type.bytes === 4 ? new Float32Array(buffer, 0, count) : new Float64Array(buffer, 0, count)
  if (type.bytes === 1) return new Int8Array(buffer, 0, count)
  if (type.bytes === 2) return new Int16Array(buffer, 0, count)
  if (type.bytes === 4)
    return type.kind === 'u' ? new Uint32Array(buffer, 0, count) : new Int32Array(buffer, 0, count)
  // 64-bit integers: exact as a double wherever the value is in range, and out of range either way otherwise.
  const wide = type.kind === 'u' ? new BigUint64Array(buffer, 0, count) : new BigInt64Array(buffer, 0, count)
  const result = new Float64Array(count)
  for (let i = 0; i < count; i++) result[i] = Number(wide[i]!)
  return result
}

/** Pictures of fractions below this are scaled to something else than ADU. */
const smallestScale = 16

function narrow(values: ArrayLike<number>, type: SampleType, place: SamplePlace): Uint16Array {
  const result = new Uint16Array(values.length)
  let largest = 0
  let fractions = false
  for (let i = 0; i < values.length; i++) {
    const value = Math.floor(values[i]! + 0.5)
    // Written so that NaN fails too.
    if (!(value >= 0 && value <= 65535)) throw notAdu(values[i]!, i, type, place)
    result[i] = value
    if (value > largest) largest = value
    fractions ||= value !== values[i]
  }
  if (fractions && largest < smallestScale)
    throw wrongShape(
      place.file,
      `holds fractions up to ${largest}: rounded to ADU nothing would be left of them`,
      'Store the picture in ADU, for example as 16-bit integers',
    )
  return result
}

function notAdu(value: number, index: number, type: SampleType, place: SamplePlace): Error {
  return wrongShape(
    place.file,
    `sample ${index} is ${value}, which is no ADU (0 to 65535)`,
    'Store raw camera counts; data with a pedestal already subtracted must be shifted to positive values first',
    place.offset === undefined ? undefined : place.offset + index * type.bytes,
  )
}
