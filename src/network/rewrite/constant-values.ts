import { evaluateValues } from '../graph/evaluate-graph.ts'
import { elementCount, type IntegerGraph, operands } from '../graph/integer-graph.ts'
import { rebuild } from './rebuild.ts'

/** Replaces what is made from constants alone by its elements. */
export function foldConstantValues(graph: IntegerGraph): IntegerGraph {
  const constant = new Set<number>()
  for (const { id, operation } of graph.values)
    if (operation.kind === 'constant') constant.add(id)
    else if (operation.kind !== 'input' && operands(operation).every((source) => constant.has(source)))
      constant.add(id)
  if (![...constant].some((id) => graph.values[id]!.operation.kind !== 'constant')) return graph
  const zeros = graph.inputs.map((port) => new Float64Array(elementCount(graph.values[port.value]!.shape)))
  const elements = evaluateValues(graph, zeros)
  return rebuild(graph, ({ value, builder }) =>
    constant.has(value.id)
      ? builder.add(value.name, { kind: 'constant', elements: elements[value.id]! }, value.shape)
      : undefined,
  )
}
