import { GemgateError } from '../../core/errors.ts'
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from './onnx-model.ts'

/** How messages call a node: its name, or the value it makes when it has none. */
export function nodeLabel(node: OnnxNode): string {
  return `node '${node.name || node.outputs[0] || '?'}' (${node.operator})`
}

/** The error for a construct that gemgate does not implement. */
export function unsupported(node: OnnxNode, reason: string, remedy: string): GemgateError {
  return new GemgateError('GG_MODEL_UNSUPPORTED', `${nodeLabel(node)}: ${reason}`, remedy)
}

/** The error for numbers that have no exact integer form. */
export function inexact(node: OnnxNode, reason: string, remedy: string): GemgateError {
  return new GemgateError('GG_MODEL_INEXACT', `${nodeLabel(node)}: ${reason}`, remedy)
}

/** A graph with its constants and the consumers of each value looked up once. */
export class GraphIndex {
  readonly graph: OnnxGraph
  /** Initializers and `Constant` nodes by value name. */
  readonly constants = new Map<string, OnnxTensor>()
  readonly #consumers = new Map<string, OnnxNode[]>()
  readonly #producers = new Map<string, OnnxNode>()
  readonly #outputs: ReadonlySet<string>
  readonly #used = new Set<OnnxNode>()

  constructor(graph: OnnxGraph) {
    this.graph = graph
    this.#outputs = new Set(graph.outputs.map((output) => output.name))
    for (const tensor of graph.initializers) this.constants.set(tensor.name, tensor)
    for (const node of graph.nodes) {
      for (const name of node.outputs) {
        if (this.#producers.has(name) || this.constants.has(name))
          throw new GemgateError(
            'GG_MODEL_FORMAT',
            `value '${name}' is made twice`,
            'Each value of an ONNX graph has one origin; export the network again.',
          )
        this.#producers.set(name, node)
      }
      for (const name of new Set(node.inputs)) {
        const list = this.#consumers.get(name)
        if (list === undefined) this.#consumers.set(name, [node])
        else list.push(node)
      }
      if (node.operator !== 'Constant' || node.domain !== '') continue
      const value = node.attributes.find((attribute) => attribute.name === 'value')
      if (value?.kind !== 'tensor' || node.outputs[0] === undefined) continue
      this.constants.set(node.outputs[0], value.value)
      this.#used.add(node)
    }
  }

  /** The node that makes a value; undefined for graph inputs and constants. */
  producer(value: string): OnnxNode | undefined {
    return this.#producers.get(value)
  }

  /** The nodes that read a value. */
  consumers(value: string): readonly OnnxNode[] {
    return this.#consumers.get(value) ?? []
  }

  isOutput(value: string): boolean {
    return this.#outputs.has(value)
  }

  /** Notes that a node has been translated. */
  use(node: OnnxNode): void {
    this.#used.add(node)
  }

  /** A node that was not translated, if any. */
  unused(): OnnxNode | undefined {
    return this.graph.nodes.find((node) => !this.#used.has(node))
  }
}

/**
 * The attributes of a node by name.
 * @throws GemgateError GG_MODEL_UNSUPPORTED for attributes that are not in `known`: ignoring one could
 *   change results.
 */
export function attributesOf(node: OnnxNode, known: readonly string[]): Map<string, OnnxAttribute> {
  const found = new Map<string, OnnxAttribute>()
  for (const attribute of node.attributes) {
    if (!known.includes(attribute.name))
      throw unsupported(
        node,
        `attribute '${attribute.name}' is not supported`,
        `Export without it; known here: ${known.join(', ') || 'none'}.`,
      )
    found.set(attribute.name, attribute)
  }
  return found
}
