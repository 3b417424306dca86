import { GemgateError } from '../../core/errors.ts'
import { type OnnxTensor, onnxTypeName, onnxTypes } from './onnx-model.ts'

const elementBytes = new Map<number, number>([
  [onnxTypes.float, 4],
  [onnxTypes.uint8, 1],
  [onnxTypes.int8, 1],
  [onnxTypes.uint16, 2],
  [onnxTypes.int16, 2],
  [onnxTypes.int32, 4],
])

/** Smallest and largest value of each integer type that can carry quantized numbers. */
export const integerRanges = new Map<number, readonly [number, number]>([
  [onnxTypes.uint8, [0, 255]],
  [onnxTypes.int8, [-128, 127]],
  [onnxTypes.uint16, [0, 65535]],
  [onnxTypes.int16, [-32768, 32767]],
  [onnxTypes.int32, [-2147483648, 2147483647]],
])

/**
 * The values of a constant, in row-major order, as numbers (all types here fit a double exactly).
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
  const bytes = elementBytes.get(tensor.type)
  if (bytes === undefined)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `constant '${tensor.name}' has element type ${onnxTypeName(tensor.type)}`,
      'Use float32 for scales and int8, uint8, int16, uint16 or int32 for quantized numbers.',
    )
  const count = tensor.dims.reduce((product, dim) => product * dim, 1)
  const stored = tensor.raw === undefined ? (tensor.values?.length ?? 0) : tensor.raw.length / bytes
  if (stored !== count)
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `constant '${tensor.name}' has shape [${tensor.dims.join(', ')}] and ${stored} values`,
      'Export the network again.',
    )
  return tensor.raw === undefined ? listed(tensor) : packed(tensor.raw, tensor.type, count, bytes)
}

function packed(raw: Uint8Array, type: number, count: number, bytes: number): Float64Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const at = i * bytes
    if (type === onnxTypes.float) values[i] = view.getFloat32(at, true)
    else if (type === onnxTypes.uint8) values[i] = view.getUint8(at)
    else if (type === onnxTypes.int8) values[i] = view.getInt8(at)
    else if (type === onnxTypes.uint16) values[i] = view.getUint16(at, true)
    else if (type === onnxTypes.int16) values[i] = view.getInt16(at, true)
    else values[i] = view.getInt32(at, true)
  }
  return values
}

function listed(tensor: OnnxTensor): Float64Array {
  const values = Float64Array.from(tensor.values ?? [])
  const range = integerRanges.get(tensor.type)
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

/** A packed constant from integers; `values` keeps its own element type, little-endian. */
export function packTensor(
  name: string,
  dims: readonly number[],
  values: Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array,
): OnnxTensor {
  const bytes = values.BYTES_PER_ELEMENT
  const raw = new Uint8Array(values.length * bytes)
  const view = new DataView(raw.buffer)
  let type: number = onnxTypes.int8
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (values instanceof Float32Array) view.setFloat32(i * bytes, value, true)
    else if (bytes === 4) view.setInt32(i * bytes, value, true)
    else if (bytes === 2) view.setInt16(i * bytes, value, true)
    else view.setInt8(i, value)
  }
  if (values instanceof Float32Array) type = onnxTypes.float
  else if (values instanceof Int32Array) type = onnxTypes.int32
  else if (values instanceof Int16Array) type = onnxTypes.int16
  else if (values instanceof Uint16Array) type = onnxTypes.uint16
  else if (values instanceof Uint8Array) type = onnxTypes.uint8
  return { name, type, dims, raw }
}
