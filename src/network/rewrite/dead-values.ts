import { GraphBuilder } from '../graph/graph-builder.ts'
import { type IntegerGraph, mapOperands, operands, type ValueId } from '../graph/integer-graph.ts'

/** Removes what no output needs; graph inputs stay. */
export function removeDeadValues(graph: IntegerGraph): IntegerGraph {
  const needed = new Set<ValueId>(graph.outputs.map((port) => port.value))
  for (const value of [...graph.values].reverse())
    if (needed.has(value.id)) for (const id of operands(value.operation)) needed.add(id)
  const builder = new GraphBuilder(graph.name)
  const renamed = new Map<ValueId, ValueId>()
  for (const { id, name, shape, ranges, operation } of graph.values) {
    if (operation.kind === 'input') {
      const port = graph.inputs.find((input) => input.value === id)!
      renamed.set(id, builder.input(port, shape, ranges[0]))
    } else if (needed.has(id))
      renamed.set(
        id,
        builder.add(
          name,
          mapOperands(operation, (old) => renamed.get(old)!),
          shape,
        ),
      )
  }
  for (const port of graph.outputs) builder.output({ ...port, value: renamed.get(port.value)! })
  return builder.build()
}
