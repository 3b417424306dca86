import { readFile } from 'node:fs/promises'
import { GemgateError } from '../core/errors.ts'

/**
 * The bytes of a file that the user named.
 * @param what it is, for errors: 'the network'
 * @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_TRUNCATED for an empty file
 */
export async function readInput(path: string, what: string, remedy: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const [message, todo] = reasons[cause.code ?? ''] ?? [
      `cannot be opened: ${cause.message}`,
      'Check the path.',
    ]
    throw new GemgateError('GG_FILE_NOT_FOUND', `${what} ${message}`, todo ?? remedy, { file: path, cause })
  })
  if (bytes.length === 0)
    throw new GemgateError('GG_FILE_TRUNCATED', `${what} is empty`, remedy, { file: path })
  return bytes
}

/** What the operating system says, and what to do where a better file is not the remedy. */
const reasons: Readonly<Record<string, readonly [string, string?]>> = {
  EISDIR: ['is a folder'],
  ENOENT: ['does not exist', 'Check the path.'],
  EACCES: ['may not be read', 'Check the permissions.'],
}
