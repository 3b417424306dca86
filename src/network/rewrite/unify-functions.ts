import { functionOf, type IntegerGraph, type Range, rangeOf, type ValueId } from '../graph/integer-graph.ts'
import { applyFunction, type ScalarFunction } from '../graph/scalar-function.ts'
import { rebuild } from './rebuild.ts'

/** Steps that a function may have to become thresholds, and arguments that are looked at one by one. */
const mostSteps = 4096

/**
 * Gives every channel of the named maps the same kind of function, where they differ: thresholds, when each
 * function has few enough steps. Values keep their numbers.
 */
export function unifyFunctions(graph: IntegerGraph, maps: ReadonlySet<ValueId>): IntegerGraph {
  return rebuild(graph, ({ value, operation, builder }) => {
    if (operation.kind !== 'map' || !maps.has(value.id)) return undefined
    if (operation.functions.every((f) => f.kind === operation.functions[0]!.kind)) return undefined
    const source = builder.value(operation.source)
    const functions: ScalarFunction[] = []
    for (let c = 0; c < operation.functions.length; c++) {
      const steps = asThresholds(functionOf(operation.functions, c), rangeOf(source, c))
      if (steps === undefined) return undefined
      functions.push(steps)
    }
    return builder.add(value.name, { ...operation, functions })
  })
}

/** The same function on the range as thresholds, or undefined when it has too many steps. */
function asThresholds(f: ScalarFunction, range: Range): ScalarFunction | undefined {
  if (f.kind === 'thresholds') return f
  const monotone = f.kind !== 'table'
  if (!monotone && range.max - range.min > mostSteps) return undefined
  const thresholds: number[] = []
  const outputs = [applyFunction(f, range.min)]
  for (let x = range.min; ; ) {
    const next = monotone ? nextChange(f, x, range.max) : nextEntry(f, x, range.max)
    if (next === undefined) break
    if (thresholds.length === mostSteps) return undefined
    thresholds.push(next)
    outputs.push(applyFunction(f, next))
    x = next
  }
  return {
    kind: 'thresholds',
    thresholds: Float64Array.from(thresholds),
    outputs: Float64Array.from(outputs),
  }
}

/** The first argument after x with another result, of a monotone function. */
function nextChange(f: ScalarFunction, x: number, last: number): number | undefined {
  const here = applyFunction(f, x)
  if (applyFunction(f, last) === here) return undefined
  let reach = 1
  while (x + reach < last && applyFunction(f, x + reach) === here) reach *= 2
  let low = x + Math.floor(reach / 2)
  let high = Math.min(last, x + reach)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (applyFunction(f, middle) === here) low = middle
    else high = middle
  }
  return high
}

function nextEntry(f: ScalarFunction, x: number, last: number): number | undefined {
  const here = applyFunction(f, x)
  for (let next = x + 1; next <= last; next++) if (applyFunction(f, next) !== here) return next
  return undefined
}
