import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { writeFailure } from './write-failure.ts'

/** Writes a file that appears whole or not at all. Throws GG_OUTPUT. */
export async function writeFileWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await writeFile(temporary, content)
    await rename(temporary, path)
  } catch (error) {
    // where the folder is a file, removing fails, too
    await rm(temporary, { force: true }).catch(() => {})
    throw writeFailure(path, error)
  }
}
