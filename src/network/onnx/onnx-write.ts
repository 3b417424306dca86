import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.ts'
import { packElements, tensorValues } from './onnx-tensor.ts'

/** `AttributeProto.AttributeType` of the kinds that can be written. */
const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const

/**
 * Writes an ONNX file. The same model gives the same bytes: fields in ascending order, maps in insertion
 * order. Attributes of kind 'other' were not read, so they cannot be written. Listed tensors are written
 * packed.
 * @throws RangeError for an attribute of kind 'other'; GemgateError GG_MODEL_FORMAT or GG_MODEL_UNSUPPORTED
 *   for a listed tensor whose elements gemgate cannot read
 */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const w = new BinaryWriter()
  int(w, 1, model.irVersion)
  string(w, 2, model.producer)
  message(w, 7, () => {
    for (const node of model.graph.nodes) message(w, 1, () => writeNode(w, node))
    string(w, 2, model.graph.name)
    for (const tensor of model.graph.initializers) message(w, 5, () => writeTensor(w, tensor))
    for (const value of model.graph.inputs) message(w, 11, () => writeValue(w, value))
    for (const value of model.graph.outputs) message(w, 12, () => writeValue(w, value))
  })
  for (const [domain, version] of model.opsets)
    message(w, 8, () => {
      string(w, 1, domain)
      int(w, 2, version)
    })
  for (const [key, value] of model.metadata)
    message(w, 14, () => {
      string(w, 1, key)
      string(w, 2, value)
    })
  return w.finish()
}

function message(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork()
  write()
  w.join()
}

function string(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value)
}

function int(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value)
}

function writeNode(w: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) string(w, 1, input)
  for (const output of node.outputs) string(w, 2, output)
  string(w, 3, node.name)
  string(w, 4, node.operator)
  for (const attribute of node.attributes) message(w, 5, () => writeAttribute(w, attribute))
  if (node.domain !== '') string(w, 7, node.domain)
}

function writeAttribute(w: BinaryWriter, attribute: OnnxAttribute): void {
  string(w, 1, attribute.name)
  switch (attribute.kind) {
    case 'float':
      w.tag(2, WireType.Bit32).float(attribute.value)
      break
    case 'int':
      int(w, 3, attribute.value)
      break
    case 'string':
      string(w, 4, attribute.value)
      break
    case 'tensor':
      message(w, 5, () => writeTensor(w, attribute.value))
      break
    case 'floats':
      for (const value of attribute.value) w.tag(7, WireType.Bit32).float(value)
      break
    case 'ints':
      for (const value of attribute.value) int(w, 8, value)
      break
    case 'strings':
      for (const value of attribute.value) string(w, 9, value)
      break
    case 'graph':
      w.tag(6, WireType.LengthDelimited).bytes(attribute.value)
      break
    case 'other':
      throw new RangeError(`attribute '${attribute.name}' was not read and cannot be written`)
  }
  int(w, 20, attributeTypes[attribute.kind])
}

function writeTensor(w: BinaryWriter, tensor: OnnxTensor): void {
  const raw = tensor.raw ?? packElements(tensor.type, tensorValues(tensor))
  for (const dim of tensor.dims) int(w, 1, dim)
  int(w, 2, tensor.type)
  string(w, 8, tensor.name)
  w.tag(9, WireType.LengthDelimited).bytes(raw)
}

function writeValue(w: BinaryWriter, value: OnnxValue): void {
  string(w, 1, value.name)
  message(w, 2, () =>
    message(w, 1, () => {
      int(w, 1, value.type)
      if (value.dims === undefined) return
      message(w, 2, () => {
        for (const dim of value.dims!)
          message(w, 1, () => {
            if (typeof dim === 'number') int(w, 1, dim)
            else if (dim !== undefined) string(w, 2, dim)
          })
      })
    }),
  )
}
