import type { OnnxAttribute, OnnxModel, OnnxTensor } from '../../../src/network/onnx/onnx-model.ts'
import { type Tensor, toOnnxTensor } from '../../../src/network/reference/tensor.ts'

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>

/** Attributes as a file stores them; numbers are 'int' unless they have a fraction or `floats` names them. */
export function attributesFrom(record: Attributes, floats: readonly string[] = []): OnnxAttribute[] {
  return Object.entries(record).map(([name, value]) => {
    if (typeof value === 'string') return { name, kind: 'string', value }
    if (typeof value !== 'number') return { name, kind: 'ints', value }
    return { name, kind: Number.isInteger(value) && !floats.includes(name) ? 'int' : 'float', value }
  })
}

export interface SingleNode {
  readonly operator: string
  readonly domain?: string
  readonly opset?: number
  /** Tensors of the graph's inputs, or constants of the graph, in the order of the node's inputs. */
  readonly inputs: readonly (Tensor | undefined)[]
  /** Which inputs are constants. */
  readonly constants?: readonly number[]
  readonly attributes?: Attributes
  readonly floats?: readonly string[]
  readonly outputs?: readonly number[]
}

/** A model of one node; its inputs are i0, i1, ..., its outputs o0, ... with the given element types. */
export function singleNodeModel(node: SingleNode): OnnxModel {
  const constants = node.constants ?? []
  const initializers: OnnxTensor[] = []
  const inputs = node.inputs.flatMap((tensor, i) => {
    if (tensor === undefined) return []
    if (constants.includes(i)) {
      initializers.push(toOnnxTensor(`i${i}`, tensor))
      return []
    }
    return [{ name: `i${i}`, type: tensor.type, dims: tensor.dims }]
  })
  const outputs = node.outputs ?? [node.inputs[0]!.type]
  const domain = node.domain ?? ''
  return {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([['', node.opset ?? 17], ...(domain === '' ? [] : [[domain, 1] as [string, number]])]),
    metadata: new Map(),
    graph: {
      name: 'test',
      initializers,
      inputs,
      outputs: outputs.map((type, i) => ({ name: `o${i}`, type })),
      nodes: [
        {
          name: 'node',
          operator: node.operator,
          domain,
          inputs: node.inputs.map((tensor, i) => (tensor === undefined ? '' : `i${i}`)),
          outputs: outputs.map((_, i) => `o${i}`),
          attributes: attributesFrom(node.attributes ?? {}, node.floats),
        },
      ],
    },
  }
}

/** What the graph's inputs are given. */
export function feedsOf(node: SingleNode): Map<string, Tensor> {
  const feeds = new Map<string, Tensor>()
  node.inputs.forEach((tensor, i) => {
    if (tensor !== undefined && !(node.constants ?? []).includes(i)) feeds.set(`i${i}`, tensor)
  })
  return feeds
}
