/**
 * The part of ONNX's `onnx.proto3` (IR version 10) that gemgate reads and writes. Field numbers are those
 * of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3; everything else in a file is skipped.
 */

/** `TensorProto.DataType` values that gemgate knows by name. */
export const onnxTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
} as const

export type OnnxTypeName = keyof typeof onnxTypes

/** A constant: its values are either packed little-endian (`raw`) or listed (`values`). */
export interface OnnxTensor {
  readonly name: string
  /** `TensorProto.DataType` number, not necessarily one of `onnxTypes`. */
  readonly type: number
  readonly dims: readonly number[]
  readonly raw?: Uint8Array
  /** 2 and 4-bit numbers are listed by the byte, float16 and bfloat16 as their 16 bits. */
  readonly values?: readonly number[]
  /** The data lies in another file; gemgate does not follow such references. */
  readonly external?: boolean
}

/**
 * An attribute. A graph is kept as it was stored (the bytes of a `GraphProto`); sparse tensors, types and
 * lists of tensors or graphs are kept by name only (`kind: 'other'`).
 */
export type OnnxAttribute = { readonly name: string } & (
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'graph'; readonly value: Uint8Array }
  | { readonly kind: 'other' }
)

export interface OnnxNode {
  readonly name: string
  readonly operator: string
  /** Empty for the standard operators. */
  readonly domain: string
  /** Value names; an empty name is an omitted optional input. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: readonly OnnxAttribute[]
}

/** A graph input or output; a dimension is a size, a symbolic name, or unknown. */
export interface OnnxValue {
  readonly name: string
  readonly type: number
  readonly dims?: readonly (number | string | undefined)[]
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

export interface OnnxModel {
  readonly irVersion: number
  readonly producer: string
  /** Operator set version by domain; '' is the standard domain. */
  readonly opsets: ReadonlyMap<string, number>
  readonly graph: OnnxGraph
  readonly metadata: ReadonlyMap<string, string>
}

/** The name of a `TensorProto.DataType` number, for messages. */
export function onnxTypeName(type: number): string {
  for (const [name, value] of Object.entries(onnxTypes)) if (value === type) return name
  return `type ${type}`
}
