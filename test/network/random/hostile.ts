import type { Random } from '../../../src/core/random.ts'
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '../../../src/network/onnx/onnx-model.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import { chance, pick } from './number-style.ts'

const oddDims = [0, 1, 2, 3, 7, -1, 65536, 2 ** 31, 2 ** 40, 2 ** 53 - 1]
const oddNumbers = [0, 1, -1, 2, 3, 100, 2 ** 20, 2 ** 31, 2 ** 40, -(2 ** 40)]
const operators = [
  'Add',
  'Conv',
  'Gemm',
  'Relu',
  'Reshape',
  'ArgMax',
  'MaxPool',
  'QuantizeLinear',
  'Nothing',
  'Concat',
]

/** A file made from a valid network by damage; the damage in words. */
export function hostileFile(
  random: Random,
  model: OnnxModel,
): { readonly bytes: Uint8Array; readonly damage: string } {
  const kind = pick(random, ['cut', 'flip', 'overwrite', 'model', 'model', 'model'])
  if (kind === 'model') {
    let damaged = model
    const words: string[] = []
    for (let times = 1 + random.integer(2); times > 0; times--) {
      const [name, change] = pick(random, changes)
      damaged = change(random, damaged)
      words.push(name)
    }
    return { bytes: writeOnnx(damaged), damage: words.join(', ') }
  }
  const bytes = writeOnnx(model)
  if (kind === 'cut') return { bytes: bytes.subarray(0, random.integer(bytes.length)), damage: kind }
  for (let times = 1 + random.integer(6); times > 0; times--) {
    const at = random.integer(bytes.length)
    bytes[at] = kind === 'flip' ? bytes[at]! ^ (1 << random.integer(8)) : random.integer(256)
  }
  return { bytes, damage: kind }
}

type Change = (random: Random, model: OnnxModel) => OnnxModel

function changedNodes(model: OnnxModel, change: (nodes: OnnxNode[]) => void): OnnxModel {
  const nodes = [...model.graph.nodes]
  if (nodes.length > 0) change(nodes)
  return { ...model, graph: { ...model.graph, nodes } }
}

function changedNode(random: Random, model: OnnxModel, change: (node: OnnxNode) => OnnxNode): OnnxModel {
  return changedNodes(model, (nodes) => {
    const at = random.integer(nodes.length)
    nodes[at] = change(nodes[at]!)
  })
}

function changedTensor(
  random: Random,
  model: OnnxModel,
  change: (tensor: OnnxTensor) => OnnxTensor,
): OnnxModel {
  const initializers = [...model.graph.initializers]
  if (initializers.length === 0) return model
  const at = random.integer(initializers.length)
  initializers[at] = change(initializers[at]!)
  return { ...model, graph: { ...model.graph, initializers } }
}

function anyName(random: Random, model: OnnxModel): string {
  const { nodes, initializers, inputs } = model.graph
  return pick(random, [
    ...nodes.flatMap((node) => node.outputs),
    ...initializers.map((tensor) => tensor.name),
    ...inputs.map((input) => input.name),
    'nowhere',
    '',
  ])
}

const replaced = <T>(list: readonly T[], at: number, value: T): T[] =>
  list.map((old, i) => (i === at ? value : old))

function oddAttribute(random: Random, attribute: OnnxAttribute): OnnxAttribute {
  if (attribute.kind === 'ints' || attribute.kind === 'floats') {
    if (chance(random, 0.3)) return { ...attribute, value: attribute.value.slice(1) }
    return {
      ...attribute,
      value: replaced(attribute.value, random.integer(attribute.value.length), pick(random, oddNumbers)),
    }
  }
  if (attribute.kind === 'int' || attribute.kind === 'float')
    return { ...attribute, value: pick(random, oddNumbers) }
  if (attribute.kind === 'string') return { ...attribute, value: 'odd' }
  return { name: attribute.name, kind: 'int', value: 1 }
}

const changes: readonly (readonly [string, Change])[] = [
  [
    'a node is gone',
    (random, model) => changedNodes(model, (nodes) => nodes.splice(random.integer(nodes.length), 1)),
  ],
  [
    'two nodes change places',
    (random, model) =>
      changedNodes(model, (nodes) => {
        const [a, b] = [random.integer(nodes.length), random.integer(nodes.length)]
        const kept = nodes[a]!
        nodes[a] = nodes[b]!
        nodes[b] = kept
      }),
  ],
  [
    'a node is there twice',
    (random, model) => changedNodes(model, (nodes) => nodes.push(pick(random, nodes))),
  ],
  [
    'another operator',
    (random, model) => changedNode(random, model, (node) => ({ ...node, operator: pick(random, operators) })),
  ],
  [
    'another input',
    (random, model) =>
      changedNode(random, model, (node) => ({
        ...node,
        inputs: replaced(node.inputs, random.integer(node.inputs.length + 1), anyName(random, model)),
      })),
  ],
  [
    'an input is gone',
    (random, model) => changedNode(random, model, (node) => ({ ...node, inputs: node.inputs.slice(0, -1) })),
  ],
  [
    'another output',
    (random, model) => changedNode(random, model, (node) => ({ ...node, outputs: [anyName(random, model)] })),
  ],
  ['no output', (random, model) => changedNode(random, model, (node) => ({ ...node, outputs: [] }))],
  [
    'an odd attribute',
    (random, model) =>
      changedNode(random, model, (node) => {
        if (node.attributes.length === 0)
          return { ...node, attributes: [{ name: 'axis', kind: 'int', value: 9 }] }
        const at = random.integer(node.attributes.length)
        return {
          ...node,
          attributes: replaced(node.attributes, at, oddAttribute(random, node.attributes[at]!)),
        }
      }),
  ],
  [
    'odd dimensions of a constant',
    (random, model) =>
      changedTensor(random, model, (tensor) => ({
        ...tensor,
        dims: chance(random, 0.5)
          ? [...tensor.dims, pick(random, oddDims.slice(0, 5))]
          : [Math.abs(pick(random, oddDims))],
      })),
  ],
  [
    'another type of a constant',
    (random, model) => changedTensor(random, model, (tensor) => ({ ...tensor, type: random.integer(27) })),
  ],
  [
    'odd data of a constant',
    (random, model) =>
      changedTensor(random, model, (tensor) => ({
        ...tensor,
        raw: Uint8Array.from(tensor.raw ?? [], (byte) => (chance(random, 0.3) ? random.integer(256) : byte)),
      })),
  ],
  [
    'another name of a constant',
    (random, model) =>
      changedTensor(random, model, (tensor) => ({ ...tensor, name: anyName(random, model) })),
  ],
  [
    'odd dimensions of the input',
    (random, model) => {
      const inputs = model.graph.inputs.map((input) => {
        const dims = input.dims ?? []
        return {
          ...input,
          dims: replaced(dims, random.integer(dims.length + 1), pick(random, [...oddDims, 'n'])),
        }
      })
      return { ...model, graph: { ...model.graph, inputs } }
    },
  ],
  [
    'another type of the input',
    (random, model) => ({
      ...model,
      graph: {
        ...model.graph,
        inputs: model.graph.inputs.map((input) => ({ ...input, type: random.integer(23) })),
      },
    }),
  ],
  [
    'another graph output',
    (random, model) => ({
      ...model,
      graph: {
        ...model.graph,
        outputs: model.graph.outputs.map((output) => ({ ...output, name: anyName(random, model) })),
      },
    }),
  ],
  ['another operator set', (random, model) => ({ ...model, opsets: new Map([['', random.integer(40)]]) })],
]
