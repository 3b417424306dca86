import { GemgateError } from '../core/errors.ts'

/** The typed error for a result that could not be written. */
export function writeFailure(path: string, error: unknown): GemgateError {
  if (error instanceof GemgateError) return error
  return new GemgateError(
    'GG_OUTPUT',
    `cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    'Check that the folder exists, is writable and has space left',
    { file: path, cause: error },
  )
}
