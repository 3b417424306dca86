import type { Range } from '../../graph/integer-graph.ts'
import { add, exactly, hull, scale } from '../../graph/ranges.ts'
import { clamp } from '../../graph/scalar-function.ts'
import { evenQuotient, roundSignificant } from './scalar-arithmetic.ts'
import type { NodeId, ScalarOperation } from './scalar-netlist.ts'

const truth: Range = { min: 0, max: 1, step: 1 }

/** The range of an operation from those of its operands; `input` nodes bring their own. */
export function nodeRange(
  operation: Exclude<ScalarOperation, { kind: 'input' }>,
  of: (node: NodeId) => Range,
): Range {
  switch (operation.kind) {
    case 'constant':
      return exactly(operation.value)
    case 'add': {
      const { shiftA, shiftB, subtract } = operation
      const a = scale(of(operation.a), (subtract === 'a' ? -1 : 1) * 2 ** shiftA)
      const b = scale(of(operation.b), (subtract === 'b' ? -1 : 1) * 2 ** shiftB)
      return add(a, b)
    }
    case 'scale': {
      const { min, max, step } = of(operation.a)
      const factor = 2 ** operation.shift
      return { min: min * factor, max: max * factor, step: step * factor }
    }
    case 'floor': {
      const { min, max, step } = of(operation.a)
      const size = 2 ** operation.shift
      return { min: Math.floor(min / size), max: Math.floor(max / size), step: Math.max(1, step / size) }
    }
    case 'even': {
      const { min, max, step } = of(operation.a)
      const { shift } = operation
      return {
        min: evenQuotient(min, shift),
        max: evenQuotient(max, shift),
        step: Math.max(1, step / 2 ** shift),
      }
    }
    case 'clamp': {
      const { min, max, step } = of(operation.a)
      const ends = [clamp(min, operation.min, operation.max), clamp(max, operation.min, operation.max)]
      return hull([{ min: ends[0]!, max: ends[1]!, step }, ...ends.map((end) => exactly(end))])
    }
    case 'at-most':
    case 'greater':
      return truth
    case 'select':
      return hull([of(operation.yes), of(operation.no)])
    case 'table':
      return hull(Array.from(operation.outputs, (value) => exactly(value)))
    case 'significant': {
      const { min, max, step } = of(operation.a)
      const round = (x: number): number => roundSignificant(x, operation.bits)
      return { min: round(min), max: round(max), step }
    }
  }
}
