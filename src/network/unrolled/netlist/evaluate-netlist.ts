import { clamp } from '../../graph/scalar-function.ts'
import { evenQuotient, roundSignificant } from './scalar-arithmetic.ts'
import type { ScalarNetlist, ScalarOperation } from './scalar-netlist.ts'

/** The output lanes for one set of input lanes: what a netlist means. */
export function evaluateNetlist(netlist: ScalarNetlist, lanes: ArrayLike<number>): Float64Array {
  const values = evaluateNodes(netlist, lanes)
  return Float64Array.from(netlist.outputs, (node) => values[node]!)
}

/** Every node's value. */
export function evaluateNodes(netlist: ScalarNetlist, lanes: ArrayLike<number>): Float64Array {
  const values = new Float64Array(netlist.nodes.length)
  netlist.nodes.forEach(({ operation }, id) => {
    values[id] = operation.kind === 'input' ? lanes[operation.lane]! : evaluate(operation, values, netlist)
  })
  return values
}

function evaluate(
  operation: Exclude<ScalarOperation, { kind: 'input' }>,
  values: Float64Array,
  { nodes }: ScalarNetlist,
): number {
  switch (operation.kind) {
    case 'constant':
      return operation.value
    case 'add': {
      const a = values[operation.a]! * 2 ** operation.shiftA
      const b = values[operation.b]! * 2 ** operation.shiftB
      return operation.subtract === 'none' ? a + b : operation.subtract === 'b' ? a - b : b - a
    }
    case 'scale':
      return values[operation.a]! * 2 ** operation.shift
    case 'floor':
      return Math.floor(values[operation.a]! / 2 ** operation.shift)
    case 'even':
      return evenQuotient(values[operation.a]!, operation.shift)
    case 'clamp':
      return clamp(values[operation.a]!, operation.min, operation.max)
    case 'at-most':
      return Number(values[operation.a]! <= operation.threshold)
    case 'greater': {
      const a = values[operation.a]!
      const b = values[operation.b]!
      return Number(operation.orEqual ? a >= b : a > b)
    }
    case 'select':
      return values[values[operation.condition] !== 0 ? operation.yes : operation.no]!
    case 'table': {
      const { min, step } = nodes[operation.a]!.range
      return operation.outputs[(values[operation.a]! - min) / step]!
    }
    case 'significant':
      return roundSignificant(values[operation.a]!, operation.bits)
  }
}
