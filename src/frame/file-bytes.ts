import type { FileHandle } from 'node:fs/promises'
import { truncated } from './file-errors.ts'

/** Up to `length` bytes from `position`; fewer only at the end of the file. */
export async function readUpTo(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  const got = await fill(handle, position, bytes)
  return got === length ? bytes : bytes.slice(0, got)
}

/** Exactly `length` bytes from `position`, in a buffer of their own; GG_FILE_TRUNCATED if the file is shorter. */
export async function readExactly(
  handle: FileHandle,
  position: number,
  length: number,
  file: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  const got = await fill(handle, position, bytes)
  if (got < length) throw truncated(file, `ends ${length - got} bytes too early`, position + got)
  return bytes
}

async function fill(handle: FileHandle, position: number, bytes: Uint8Array): Promise<number> {
  let got = 0
  while (got < bytes.length) {
    const { bytesRead } = await handle.read(bytes, got, bytes.length - got, position + got)
    if (bytesRead === 0) break
    got += bytesRead
  }
  return got
}
