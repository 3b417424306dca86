import { GraphBuilder } from '../graph/graph-builder.ts'
import {
  type IntegerGraph,
  mapOperands,
  type Operation,
  type Value,
  type ValueId,
} from '../graph/integer-graph.ts'

/** What a rewrite sees at each value: the operation on already rewritten operands. */
export interface RewriteStep {
  readonly value: Value
  readonly operation: Exclude<Operation, { kind: 'input' }>
  readonly builder: GraphBuilder
}

/**
 * Builds a graph anew. `rewrite` returns the value that stands for the old one, or undefined to keep the
 * operation. Proof obligation of every rewrite: `evaluateGraph` gives the same elements.
 */
export function rebuild(
  graph: IntegerGraph,
  rewrite: (step: RewriteStep) => ValueId | undefined,
): IntegerGraph {
  const builder = new GraphBuilder(graph.name)
  const renamed: ValueId[] = []
  for (const value of graph.values) {
    if (value.operation.kind === 'input') {
      const port = graph.inputs.find((input) => input.value === value.id)!
      renamed.push(builder.input(port, value.shape, value.ranges[0]))
      continue
    }
    const operation = mapOperands(value.operation, (id) => renamed[id]!)
    const made = rewrite({ value, operation, builder })
    renamed.push(made ?? builder.add(value.name, operation, value.shape))
  }
  for (const port of graph.outputs) builder.output({ ...port, value: renamed[port.value]! })
  return builder.build()
}
