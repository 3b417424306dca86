import { GemgateError } from '../core/errors.ts'

/**
 * The failures that all readers share, each with its usual remedy. `offset` is the byte in the file (for a
 * compressed file: in the decompressed data, and the message says so).
 */
export function truncated(file: string, message: string, offset?: number): GemgateError {
  return new GemgateError(
    'GG_FILE_TRUNCATED',
    message,
    'The copy or the writing was cut short; fetch the file again from where it came',
    place(file, offset),
  )
}

export function corrupt(file: string, message: string, offset?: number, cause?: unknown): GemgateError {
  return new GemgateError(
    'GG_FILE_CORRUPT',
    message,
    'The file contradicts itself; fetch it again and compare its checksum with the original',
    { ...place(file, offset), ...(cause === undefined ? {} : { cause }) },
  )
}

export function wrongShape(file: string, message: string, remedy: string, offset?: number): GemgateError {
  return new GemgateError('GG_FILE_SHAPE', message, remedy, place(file, offset))
}

export function wrongFormat(file: string, message: string, remedy: string, offset?: number): GemgateError {
  return new GemgateError('GG_FILE_FORMAT', message, remedy, place(file, offset))
}

export function overLimit(file: string, message: string, offset?: number): GemgateError {
  return new GemgateError(
    'GG_FILE_LIMIT',
    message,
    'Split or crop the data; if the file should be small, it is damaged',
    place(file, offset),
  )
}

/** Turns a failure of the operating system (ENOENT, EACCES, EISDIR) into a typed error; others pass through. */
export function fromSystem(file: string, error: unknown): unknown {
  if (error instanceof GemgateError) return error
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) return error
  const what = code === 'ENOENT' ? 'does not exist' : `cannot be opened or read (${code})`
  return new GemgateError('GG_FILE_NOT_FOUND', what, 'Check the path and its permissions', {
    file,
    cause: error,
  })
}

function place(file: string, offset: number | undefined): { file: string; offset?: number } {
  return offset === undefined ? { file } : { file, offset }
}
