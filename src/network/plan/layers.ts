import { GemgateError } from '../../core/errors.ts'
import { type IntegerGraph, operands, type Value, type ValueId } from '../graph/integer-graph.ts'
import type { GraphSegment } from '../hardware/hardware-module.ts'

/** A part of the graph that all data passes through: one matrix or window with what follows it, or a block with branches. */
export interface Layer extends GraphSegment {
  /** Of the operation that gives the layer its character. */
  readonly name: string
  /** 'block' has branches inside, 'other' is elementwise, an argmax, a rearrangement or trees. */
  readonly kind: 'dense' | 'conv' | 'pool' | 'other' | 'block'
}

/**
 * Cuts a graph into layers, one after the other.
 * @throws GemgateError GG_MODEL_UNSUPPORTED unless there is one input and one output
 */
export function splitIntoLayers(graph: IntegerGraph): Layer[] {
  const input = graph.inputs[0]
  const output = graph.outputs[0]
  if (input === undefined || output === undefined || graph.inputs.length > 1 || graph.outputs.length > 1)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the network has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs`,
      'Hardware is made for one of each: concatenate them inside the network.',
    )
  const layers: Layer[] = []
  let source = input.value
  let collected: ValueId[] = []
  for (const value of graph.values) {
    if (value.id === input.value) continue
    collected.push(value.id)
    if (!isCut(graph, value)) continue
    layers.push(layer(graph, source, collected, value.id))
    source = value.id
    collected = []
  }
  return joinMaps(layers)
}

/** Whether everything after the value depends on the graph's input through it alone. */
function isCut(graph: IntegerGraph, cut: Value): boolean {
  if (cut.operation.kind === 'constant') return false
  for (let id = cut.id + 1; id < graph.values.length; id++)
    for (const from of operands(graph.values[id]!.operation))
      if (from < cut.id && graph.values[from]!.operation.kind !== 'constant') return false
  return true
}

function layer(graph: IntegerGraph, source: ValueId, values: ValueId[], result: ValueId): Layer {
  const own = values.map((id) => graph.values[id]!).filter((value) => value.operation.kind !== 'constant')
  const kind = own[0]!.operation.kind
  const isWindow = kind === 'dense' || kind === 'conv' || kind === 'pool'
  // Constants may be read from layers further on: each segment lists those that it reads.
  const constants = [...new Set(own.flatMap((value) => operands(value.operation)))].filter(
    (id) => graph.values[id]!.operation.kind === 'constant',
  )
  const listed = [...constants, ...own.map((value) => value.id)].sort((a, b) => a - b)
  return {
    graph,
    source,
    values: listed,
    result,
    name: own[0]!.name,
    kind: own.length > 1 ? 'block' : isWindow ? kind : 'other',
  }
}

/** Elementwise functions belong to the matrix or window before them. */
function joinMaps(layers: readonly Layer[]): Layer[] {
  const joined: Layer[] = []
  for (const layer of layers) {
    const before = joined.at(-1)
    const isMap = layer.graph.values[layer.result]!.operation.kind === 'map' && layer.values.length === 1
    if (isMap && before !== undefined && before.kind !== 'block')
      joined[joined.length - 1] = {
        ...before,
        values: [...before.values, ...layer.values],
        result: layer.result,
      }
    else joined.push(layer)
  }
  return joined
}

/** Several layers in a row as one segment. */
export function joinLayers(layers: readonly Layer[]): GraphSegment {
  const values = [...new Set(layers.flatMap((layer) => layer.values))].sort((a, b) => a - b)
  return { graph: layers[0]!.graph, source: layers[0]!.source, values, result: layers.at(-1)!.result }
}
