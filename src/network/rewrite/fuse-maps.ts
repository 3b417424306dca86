import { functionOf, type IntegerGraph, type Value } from '../graph/integer-graph.ts'
import type { ScalarFunction } from '../graph/scalar-function.ts'
import { composeFunctions, isIdentity } from './compose-functions.ts'
import { rebuild } from './rebuild.ts'

/** Joins functions that follow each other and drops those that change nothing. */
export function fuseMaps(graph: IntegerGraph): IntegerGraph {
  return rebuild(graph, ({ value, operation, builder }) => {
    if (operation.kind !== 'map') return undefined
    const source = builder.value(operation.source)
    if (changesNothing(operation.functions, source)) return operation.source
    if (source.operation.kind !== 'map') return undefined
    const before = builder.value(source.operation.source)
    const fused = compose(source.operation.functions, operation.functions, before)
    if (fused === undefined) return undefined
    if (changesNothing(fused, before)) return before.id
    return builder.add(value.name, { kind: 'map', source: before.id, functions: fused })
  })
}

function changesNothing(functions: readonly ScalarFunction[], source: Value): boolean {
  return perChannel(functions.length, source.ranges.length).every((c) =>
    isIdentity(functionOf(functions, c), source.ranges[source.ranges.length === 1 ? 0 : c]!),
  )
}

function compose(
  first: readonly ScalarFunction[],
  then: readonly ScalarFunction[],
  source: Value,
): ScalarFunction[] | undefined {
  const composed: ScalarFunction[] = []
  // A composition that looks at ranges needs one function for each range.
  for (const c of perChannel(first.length, then.length, source.ranges.length)) {
    const range = source.ranges[source.ranges.length === 1 ? 0 : c]!
    const f = composeFunctions(functionOf(first, c), functionOf(then, c), range)
    if (f === undefined) return undefined
    composed.push(f)
  }
  return composed
}

function perChannel(...lengths: readonly number[]): number[] {
  return Array.from({ length: Math.max(...lengths) }, (_, c) => c)
}
