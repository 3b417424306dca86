import { GemgateError } from '../../../core/errors.ts'
import type { ScalarFunction } from '../../graph/scalar-function.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { type Linear, linearRange } from './linear.ts'

/** A function that no form of this architecture fits. */
export function unsupportedFunction(builder: NetlistBuilder, f: ScalarFunction, x: Linear): GemgateError {
  const { min, max } = linearRange(builder, x)
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `'${builder.label}': a function of kind ${f.kind} over ${min} ... ${max} has too many steps`,
    'Requantize to fewer bits before it, or use a function that rounds or scales.',
  )
}
