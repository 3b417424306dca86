import { GemgateError } from '../../core/errors.ts'
import { bfloat16Bits, bfloat16FromBits, float16Bits, float16FromBits } from './half-precision.ts'
import { type OnnxTensor, onnxTypeName, onnxTypes } from './onnx-model.ts'

/** Bits of one packed element, for the types that gemgate decodes. */
const elementBits = new Map<number, number>([
  [onnxTypes.float, 32],
  [onnxTypes.uint8, 8],
  [onnxTypes.int8, 8],
  [onnxTypes.uint16, 16],
  [onnxTypes.int16, 16],
  [onnxTypes.int32, 32],
  [onnxTypes.int64, 64],
  [onnxTypes.bool, 8],
  [onnxTypes.float16, 16],
  [onnxTypes.double, 64],
  [onnxTypes.uint32, 32],
  [onnxTypes.uint64, 64],
  [onnxTypes.bfloat16, 16],
  [onnxTypes.uint4, 4],
  [onnxTypes.int4, 4],
  [onnxTypes.uint2, 2],
  [onnxTypes.int2, 2],
])

/** Smallest and largest value of each integer type that can carry quantized numbers. */
export const integerRanges = new Map<number, readonly [number, number]>([
  [onnxTypes.uint8, [0, 255]],
  [onnxTypes.int8, [-128, 127]],
  [onnxTypes.uint16, [0, 65535]],
  [onnxTypes.int16, [-32768, 32767]],
  [onnxTypes.int32, [-2147483648, 2147483647]],
])

/** Smallest and largest value of every integer type up to 32 bits. */
export const allIntegerRanges: ReadonlyMap<number, readonly [number, number]> = new Map([
  ...integerRanges,
  [onnxTypes.uint32, [0, 4294967295]],
  [onnxTypes.uint4, [0, 15]],
  [onnxTypes.int4, [-8, 7]],
  [onnxTypes.uint2, [0, 3]],
  [onnxTypes.int2, [-2, 1]],
  [onnxTypes.bool, [0, 1]],
])

/** Whether `tensorValues` decodes this element type. */
export function isDecodable(type: number): boolean {
  return elementBits.has(type)
}

/**
 * The values of a constant, in row-major order, as numbers. Integers of 64 bits must be below 2^53 in size;
 * the largest and smallest of them, which stand for 'to the end', become +-2^63.
 * @throws GemgateError GG_MODEL_FORMAT when the data does not match its shape or type;
 *   GG_MODEL_UNSUPPORTED for other element types and for data in another file.
 */
export function tensorValues(tensor: OnnxTensor): Float64Array {
  if (tensor.external)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `constant '${tensor.name}' keeps its data in another file`,
      'Export the network as one file (save_as_external_data=False).',
    )
  const bits = elementBits.get(tensor.type)
  if (bits === undefined)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `constant '${tensor.name}' has element type ${onnxTypeName(tensor.type)}`,
      'Use float32 for scales and int8, uint8, int16, uint16 or int32 for quantized numbers.',
    )
  const count = tensor.dims.reduce((product, dim) => product * dim, 1)
  const raw = tensor.raw ?? listedBits(tensor)
  const holds = raw === undefined ? (tensor.values?.length ?? 0) : (raw.length * 8) / bits
  const fits = raw === undefined ? holds === count : raw.length === Math.ceil((count * bits) / 8)
  if (!fits)
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `constant '${tensor.name}' has shape [${tensor.dims.join(', ')}] and ${holds} values`,
      'Export the network again.',
    )
  const values = raw === undefined ? listed(tensor) : unpackElements(tensor.type, raw, count)
  if (bits === 64 && tensor.type !== onnxTypes.double) checkLongIntegers(tensor, values)
  return values
}

/** Types whose list holds bit patterns: 2 and 4-bit numbers by the byte, 16-bit floats by the element. */
function listedBits(tensor: OnnxTensor): Uint8Array | undefined {
  const bits = elementBits.get(tensor.type)!
  const half = tensor.type === onnxTypes.float16 || tensor.type === onnxTypes.bfloat16
  if (bits >= 8 && !half) return undefined
  const list = tensor.values ?? []
  const bytes = new Uint8Array(list.length * (half ? 2 : 1))
  list.forEach((value, i) => {
    if (half) {
      bytes[2 * i] = value & 255
      bytes[2 * i + 1] = (value >> 8) & 255
    } else bytes[i] = value & 255
  })
  return bytes
}

function checkLongIntegers(tensor: OnnxTensor, values: Float64Array): void {
  for (const value of values)
    if (!Number.isSafeInteger(value) && Math.abs(value) !== 2 ** 63)
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `constant '${tensor.name}' holds an integer of about ${value}, beyond 2^53`,
        'Use smaller integers.',
      )
}

function listed(tensor: OnnxTensor): Float64Array {
  const values = Float64Array.from(tensor.values ?? [])
  const range = allIntegerRanges.get(tensor.type)
  if (range !== undefined)
    for (const value of values)
      if (value < range[0] || value > range[1])
        throw new GemgateError(
          'GG_MODEL_FORMAT',
          `constant '${tensor.name}' holds ${value}, outside ${onnxTypeName(tensor.type)}`,
          'Export the network again.',
        )
  return values
}

/** Decodes packed little-endian elements; 2 and 4-bit numbers lie lowest bits first. */
function unpackElements(type: number, raw: Uint8Array, count: number): Float64Array {
  const bits = elementBits.get(type)!
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++)
    values[i] = bits < 8 ? smallElement(raw, type, bits, i) : element(view, type, (i * bits) / 8)
  return values
}

function smallElement(raw: Uint8Array, type: number, bits: number, i: number): number {
  const field = (raw[Math.floor((i * bits) / 8)]! >> ((i * bits) % 8)) & (2 ** bits - 1)
  const signed = type === onnxTypes.int4 || type === onnxTypes.int2
  return signed && field >= 2 ** (bits - 1) ? field - 2 ** bits : field
}

function element(view: DataView, type: number, at: number): number {
  switch (type) {
    case onnxTypes.float:
      return view.getFloat32(at, true)
    case onnxTypes.uint8:
      return view.getUint8(at)
    case onnxTypes.int8:
      return view.getInt8(at)
    case onnxTypes.uint16:
      return view.getUint16(at, true)
    case onnxTypes.int16:
      return view.getInt16(at, true)
    case onnxTypes.int32:
      return view.getInt32(at, true)
    case onnxTypes.uint32:
      return view.getUint32(at, true)
    case onnxTypes.int64:
      return Number(view.getBigInt64(at, true))
    case onnxTypes.uint64:
      return Number(view.getBigUint64(at, true))
    case onnxTypes.double:
      return view.getFloat64(at, true)
    case onnxTypes.float16:
      return float16FromBits(view.getUint16(at, true))
    case onnxTypes.bfloat16:
      return bfloat16FromBits(view.getUint16(at, true))
    default:
      return view.getUint8(at) === 0 ? 0 : 1
  }
}

/**
 * Encodes numbers as packed little-endian elements; floats are rounded to the nearest.
 * @param type one that `isDecodable` knows
 * @throws RangeError for another type
 */
export function packElements(type: number, values: ArrayLike<number>): Uint8Array {
  const bits = elementBits.get(type)
  if (bits === undefined) throw new RangeError(`${onnxTypeName(type)} cannot be written`)
  const raw = new Uint8Array(Math.ceil((values.length * bits) / 8))
  const view = new DataView(raw.buffer)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (bits < 8) raw[Math.floor((i * bits) / 8)]! |= (value & (2 ** bits - 1)) << ((i * bits) % 8)
    else storeElement(view, type, (i * bits) / 8, value)
  }
  return raw
}

function storeElement(view: DataView, type: number, at: number, value: number): void {
  switch (type) {
    case onnxTypes.float:
      view.setFloat32(at, value, true)
      break
    case onnxTypes.uint16:
    case onnxTypes.int16:
      view.setInt16(at, value, true)
      break
    case onnxTypes.uint32:
    case onnxTypes.int32:
      view.setInt32(at, value, true)
      break
    case onnxTypes.int64:
    case onnxTypes.uint64:
      view.setBigInt64(at, value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value), true)
      break
    case onnxTypes.double:
      view.setFloat64(at, value, true)
      break
    case onnxTypes.float16:
      view.setUint16(at, float16Bits(value), true)
      break
    case onnxTypes.bfloat16:
      view.setUint16(at, bfloat16Bits(value), true)
      break
    default:
      view.setInt8(at, value)
  }
}

/** A packed constant of any element type that can be decoded; floats are rounded to it. */
export function packValues(
  name: string,
  type: number,
  dims: readonly number[],
  values: ArrayLike<number>,
): OnnxTensor {
  return { name, type, dims, raw: packElements(type, values) }
}

/** A packed constant from typed integers or floats, in the element type of the array. */
export function packTensor(
  name: string,
  dims: readonly number[],
  values: Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array,
): OnnxTensor {
  let type: number = onnxTypes.int8
  if (values instanceof Float32Array) type = onnxTypes.float
  else if (values instanceof Int32Array) type = onnxTypes.int32
  else if (values instanceof Int16Array) type = onnxTypes.int16
  else if (values instanceof Uint16Array) type = onnxTypes.uint16
  else if (values instanceof Uint8Array) type = onnxTypes.uint8
  return packValues(name, type, dims, values)
}
