import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { GemgateError } from '../../core/errors.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.ts'

/** Larger files are refused: the networks that fit a trigger FPGA are thousands of times smaller. */
export const maximumModelBytes = 64 * 1024 * 1024

/** Messages, strings and listed numbers in one file; keeps a small hostile file from filling memory. */
const maximumItems = 1_000_000

const remedy = 'Export the network again, and check that the file was copied completely.'

class Decoder {
  readonly reader: BinaryReader
  readonly #budget: { left: number }

  constructor(bytes: Uint8Array, budget: { left: number }) {
    this.reader = new BinaryReader(bytes)
    this.#budget = budget
  }

  /** Calls `field` for each field; those it answers `false` for are skipped. */
  each(field: (number: number, wire: WireType) => boolean): void {
    while (this.reader.pos < this.reader.len) {
      const [number, wire] = this.reader.tag()
      if (!field(number, wire)) this.reader.skip(wire, number)
      else this.spend(1)
    }
    if (this.reader.pos !== this.reader.len) throw new Error('a field reaches beyond its message')
  }

  spend(items: number): void {
    this.#budget.left -= items
    if (this.#budget.left < 0) throw new Error(`more than ${maximumItems} items`)
  }

  message<T>(wire: WireType, decode: (inner: Decoder) => T): T {
    return decode(new Decoder(this.bytes(wire), this.#budget))
  }

  bytes(wire: WireType): Uint8Array {
    expectWire(wire, WireType.LengthDelimited)
    return this.reader.bytes()
  }

  string(wire: WireType): string {
    expectWire(wire, WireType.LengthDelimited)
    return this.reader.string()
  }

  /** An int64 as a number: rounded beyond 2^53, which no attribute that gemgate interprets reaches. */
  int(wire: WireType): number {
    expectWire(wire, WireType.Varint)
    return Number(this.reader.int64())
  }

  float(wire: WireType): number {
    expectWire(wire, WireType.Bit32)
    return this.reader.float()
  }

  /** A float, a double or an integer, by its wire type. */
  number(wire: WireType): number {
    if (wire === WireType.Bit32) return this.reader.float()
    return wire === WireType.Bit64 ? this.reader.double() : this.int(wire)
  }

  /** Repeated numbers, packed or one by one: both occur in practice. */
  numbers(wire: WireType, single: WireType, into: number[]): void {
    const one = (from: Decoder): number => from.number(single)
    if (wire !== WireType.LengthDelimited) {
      expectWire(wire, single)
      into.push(one(this))
      return
    }
    this.message(wire, (inner) => {
      while (inner.reader.pos < inner.reader.len) {
        this.spend(1)
        into.push(one(inner))
      }
    })
  }
}

function expectWire(wire: WireType, expected: WireType): void {
  if (wire !== expected) throw new Error(`wire type ${wire} where ${expected} belongs`)
}

/**
 * Reads an ONNX file (`ModelProto`).
 * @throws GemgateError GG_MODEL_FORMAT when the bytes are not a complete ONNX model or announce too much.
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  return decode(bytes, 'model', readModel)
}

/**
 * Reads a single tensor file (`TensorProto`), as ONNX's test data have them.
 * @throws GemgateError GG_MODEL_FORMAT when the bytes are not a complete tensor or announce too much.
 */
export function readOnnxTensor(bytes: Uint8Array): OnnxTensor {
  return decode(bytes, 'tensor', readTensor)
}

function decode<T>(bytes: Uint8Array, what: string, read: (top: Decoder) => T): T {
  if (bytes.length > maximumModelBytes)
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `the ${what} has ${bytes.length} bytes, more than ${maximumModelBytes}`,
      'Use a smaller network.',
    )
  const top = new Decoder(bytes, { left: maximumItems })
  try {
    return read(top)
  } catch (cause) {
    if (cause instanceof GemgateError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    const offset = Math.min(top.reader.pos, bytes.length)
    throw new GemgateError('GG_MODEL_FORMAT', `not an ONNX ${what}: ${reason}`, remedy, { cause, offset })
  }
}

function readModel(d: Decoder): OnnxModel {
  let irVersion = 0
  let producer = ''
  let graph: OnnxGraph | undefined
  const opsets = new Map<string, number>()
  const metadata = new Map<string, string>()
  d.each((field, wire) => {
    if (field === 1) irVersion = d.int(wire)
    else if (field === 2) producer = d.string(wire)
    else if (field === 7) graph = d.message(wire, readGraph)
    else if (field === 8) {
      const [domain, version] = d.message(wire, readOpset)
      opsets.set(domain, version)
    } else if (field === 14) metadata.set(...d.message(wire, readEntry))
    else return false
    return true
  })
  if (graph === undefined) throw new Error('there is no graph in it')
  if (irVersion <= 0) throw new Error('there is no IR version in it')
  return { irVersion, producer, opsets, graph, metadata }
}

function readOpset(d: Decoder): [string, number] {
  let domain = ''
  let version = 0
  d.each((field, wire) => {
    if (field === 1) domain = d.string(wire)
    else if (field === 2) version = d.int(wire)
    else return false
    return true
  })
  // 'ai.onnx' is the other spelling of the standard domain.
  return [domain === 'ai.onnx' ? '' : domain, version]
}

function readEntry(d: Decoder): [string, string] {
  const entry: [string, string] = ['', '']
  d.each((field, wire) => {
    if (field !== 1 && field !== 2) return false
    entry[field - 1] = d.string(wire)
    return true
  })
  return entry
}

function readGraph(d: Decoder): OnnxGraph {
  let name = ''
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  d.each((field, wire) => {
    if (field === 1) nodes.push(d.message(wire, readNode))
    else if (field === 2) name = d.string(wire)
    else if (field === 5) initializers.push(d.message(wire, readTensor))
    else if (field === 11) inputs.push(d.message(wire, readValue))
    else if (field === 12) outputs.push(d.message(wire, readValue))
    else return false
    return true
  })
  return { name, nodes, initializers, inputs, outputs }
}

function readNode(d: Decoder): OnnxNode {
  let name = ''
  let operator = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: OnnxAttribute[] = []
  d.each((field, wire) => {
    if (field === 1) inputs.push(d.string(wire))
    else if (field === 2) outputs.push(d.string(wire))
    else if (field === 3) name = d.string(wire)
    else if (field === 4) operator = d.string(wire)
    else if (field === 5) attributes.push(d.message(wire, readAttribute))
    else if (field === 7) domain = d.string(wire)
    else return false
    return true
  })
  return { name, operator, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes }
}

/** `AttributeProto.type` says which of the value fields counts; the others may hold defaults. */
function readAttribute(d: Decoder): OnnxAttribute {
  let name = ''
  let type = 0
  let float = 0
  let int = 0
  let string = ''
  let tensor: OnnxTensor | undefined
  let graph: Uint8Array | undefined
  const floats: number[] = []
  const ints: number[] = []
  const strings: string[] = []
  d.each((field, wire) => {
    if (field === 1) name = d.string(wire)
    else if (field === 2) float = d.float(wire)
    else if (field === 3) int = d.int(wire)
    else if (field === 4) string = d.string(wire)
    else if (field === 5) tensor = d.message(wire, readTensor)
    else if (field === 6) graph = d.bytes(wire)
    else if (field === 7) d.numbers(wire, WireType.Bit32, floats)
    else if (field === 8) d.numbers(wire, WireType.Varint, ints)
    else if (field === 9) strings.push(d.string(wire))
    else if (field === 20) type = d.int(wire)
    else return false
    return true
  })
  if (type === 1) return { name, kind: 'float', value: float }
  if (type === 2) return { name, kind: 'int', value: int }
  if (type === 3) return { name, kind: 'string', value: string }
  if (type === 4 && tensor !== undefined) return { name, kind: 'tensor', value: tensor }
  if (type === 5 && graph !== undefined) return { name, kind: 'graph', value: graph }
  if (type === 6) return { name, kind: 'floats', value: floats }
  if (type === 7) return { name, kind: 'ints', value: ints }
  if (type === 8) return { name, kind: 'strings', value: strings }
  return { name, kind: 'other' }
}

function readTensor(d: Decoder): OnnxTensor {
  let name = ''
  let type = 0
  let raw: Uint8Array | undefined
  let external = false
  const dims: number[] = []
  const values: number[] = []
  d.each((field, wire) => {
    if (field === 1) d.numbers(wire, WireType.Varint, dims)
    else if (field === 2) type = d.int(wire)
    else if (field === 4) d.numbers(wire, WireType.Bit32, values)
    else if (field === 5 || field === 7) d.numbers(wire, WireType.Varint, values)
    else if (field === 8) name = d.string(wire)
    else if (field === 9) raw = d.bytes(wire)
    else if (field === 10) d.numbers(wire, WireType.Bit64, values)
    else if (field === 11) d.numbers(wire, WireType.Varint, values)
    else if (field === 13) external = d.bytes(wire).length > 0
    else if (field === 14) external ||= d.int(wire) === 1
    else return false
    return true
  })
  for (const dim of dims)
    if (!Number.isSafeInteger(dim) || dim < 0) throw new Error(`tensor '${name}' has dimension ${dim}`)
  return {
    name,
    type,
    dims,
    values,
    ...(raw === undefined ? {} : { raw }),
    ...(external ? { external } : {}),
  }
}

function readValue(d: Decoder): OnnxValue {
  let name = ''
  let type = 0
  let dims: (number | string | undefined)[] | undefined
  const readShape = (s: Decoder): void =>
    s.each((field, wire) => {
      if (field !== 1) return false
      dims!.push(s.message(wire, readDimension))
      return true
    })
  const readTensorType = (t: Decoder): void =>
    t.each((field, wire) => {
      if (field === 1) type = t.int(wire)
      else if (field === 2) {
        dims = []
        t.message(wire, readShape)
      } else return false
      return true
    })
  const readType = (t: Decoder): void =>
    t.each((field, wire) => {
      if (field !== 1) return false
      t.message(wire, readTensorType)
      return true
    })
  d.each((field, wire) => {
    if (field === 1) name = d.string(wire)
    else if (field === 2) d.message(wire, readType)
    else return false
    return true
  })
  return { name, type, ...(dims === undefined ? {} : { dims }) }
}

function readDimension(d: Decoder): number | string | undefined {
  let size: number | string | undefined
  d.each((field, wire) => {
    if (field === 1) size = d.int(wire)
    else if (field === 2) size = d.string(wire)
    else return false
    return true
  })
  return size
}
