import { type FileHandle, open, stat } from 'node:fs/promises'
import { fromSystem, truncated, wrongFormat } from './file-errors.ts'

/** An open file with its size; closes itself at the end of an `await using` block. */
export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle
  readonly size: number
}

/** Opens a regular, non-empty file for reading; GG_FILE_NOT_FOUND, GG_FILE_FORMAT or GG_FILE_TRUNCATED. */
export async function openFile(path: string): Promise<OpenFile> {
  let handle: FileHandle | undefined
  try {
    // A pipe or device has no size to check announcements against, and opening it could block for ever.
    if (!(await stat(path)).isFile())
      throw wrongFormat(path, 'is not a regular file', 'Give a frame file or a directory')
    handle = await open(path, 'r')
    const { size } = await handle.stat()
    if (size === 0) throw truncated(path, 'is empty', 0)
    const opened = handle
    return { handle: opened, size, [Symbol.asyncDispose]: () => opened.close() }
  } catch (error) {
    await handle?.close()
    throw fromSystem(path, error)
  }
}
