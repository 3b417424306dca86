import { GemgateError } from '../../core/errors.ts'
import type { FloatStep } from './float-step.ts'

/** The error for a step that cannot be quantized; names its node. */
export function stepError(
  step: FloatStep,
  reason: string,
  code: 'GG_MODEL_UNSUPPORTED' | 'GG_MODEL_INEXACT',
  remedy: string,
): GemgateError {
  return new GemgateError(code, `node '${step.name}': ${reason}`, remedy)
}
