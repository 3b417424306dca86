import { type IntegerGraph, mapOperands, type Operation, type ValueId } from '../graph/integer-graph.ts'
import { rebuild } from './rebuild.ts'

/** Computes equal values once. */
export function shareCommonValues(graph: IntegerGraph): IntegerGraph {
  const known = new Map<string, ValueId>()
  return rebuild(graph, ({ value, operation, builder }) => {
    const key = `${value.shape.join('x')} ${describe(operation)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const id = builder.add(value.name, operation, value.shape)
    known.set(key, id)
    return id
  })
}

function describe(operation: Operation): string {
  return JSON.stringify(
    mapOperands(operation, (id) => id),
    (_, field: unknown) =>
      ArrayBuffer.isView(field) ? Array.from(field as unknown as ArrayLike<number>).join(',') : field,
  )
}
