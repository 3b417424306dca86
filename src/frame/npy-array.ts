import { corrupt, truncated, wrongShape } from './file-errors.ts'
import { formatNpyHeader, parseNpyHeader } from './npy-header.ts'
import type { SampleType } from './samples.ts'

/** An array of any shape, row-major, as doubles. */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/**
 * The numbers of an .npy file.
 * @param file its name in errors
 * @throws GemgateError GG_FILE_CORRUPT, GG_FILE_TRUNCATED; GG_FILE_SHAPE for Fortran order with more than
 *   one axis, sample types that are no numbers, and 64-bit integers beyond 2^53
 */
export function decodeNpyArray(bytes: Uint8Array, file: string): NpyArray {
  const { type, fortran, shape, dataOffset } = parseNpyHeader(bytes, file)
  const count = shape.reduce((product, size) => product * size, 1)
  const end = dataOffset + count * type.bytes
  if (end > bytes.length)
    throw truncated(file, `announces ${count} numbers and ends before them`, bytes.length)
  if (end < bytes.length) throw corrupt(file, `has ${bytes.length - end} bytes behind its numbers`, end)
  if (fortran && shape.filter((size) => size > 1).length > 1)
    throw wrongShape(file, 'is in Fortran order', 'Save numpy.ascontiguousarray(array)')
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset, count * type.bytes)
  const data = new Float64Array(count)
  for (let i = 0; i < count; i++) data[i] = read(view, i * type.bytes, type)
  if (type.bytes === 8 && type.kind !== 'f' && data.some((value) => !Number.isSafeInteger(value)))
    throw wrongShape(file, 'holds integers beyond 2^53', 'Save a smaller integer type')
  return { shape, data }
}

function read(view: DataView, at: number, { kind, bytes, littleEndian }: SampleType): number {
  if (kind === 'f') return bytes === 4 ? view.getFloat32(at, littleEndian) : view.getFloat64(at, littleEndian)
  if (bytes === 1) return kind === 'u' ? view.getUint8(at) : view.getInt8(at)
  if (bytes === 2) return kind === 'u' ? view.getUint16(at, littleEndian) : view.getInt16(at, littleEndian)
  if (bytes === 4) return kind === 'u' ? view.getUint32(at, littleEndian) : view.getInt32(at, littleEndian)
  return Number(kind === 'u' ? view.getBigUint64(at, littleEndian) : view.getBigInt64(at, littleEndian))
}

const descriptors = {
  Uint8Array: '|u1',
  Int8Array: '|i1',
  Int16Array: '<i2',
  Int32Array: '<i4',
  Uint32Array: '<u4',
  Float32Array: '<f4',
  Float64Array: '<f8',
} as const

/** Arrays that .npy files are written from, each in its own sample type. */
export type NpyNumbers =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array

/** The bytes of an .npy file, row-major, of the array's own sample type; little-endian hosts only. */
export function encodeNpyNumbers(shape: readonly number[], values: NpyNumbers): Uint8Array<ArrayBuffer> {
  const header = formatNpyHeader(descriptors[values.constructor.name as keyof typeof descriptors], shape)
  const bytes = new Uint8Array(header.length + values.byteLength)
  bytes.set(header)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length)
  return bytes
}

/** The bytes of an .npy file of float32 numbers, row-major. */
export function encodeNpyArray(shape: readonly number[], data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return encodeNpyNumbers(shape, Float32Array.from(data))
}
