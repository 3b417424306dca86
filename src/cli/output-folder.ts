import { mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { writeFailure } from '../core/write-failure.ts'

/**
 * Makes a folder ready before long work, or says at once that it cannot be written.
 * @returns takes back the folders that were made, as far as they are still empty
 * @throws GemgateError GG_OUTPUT
 */
export async function prepareFolder(folder: string): Promise<() => Promise<void>> {
  const made: string[] = []
  const takeBack = async (): Promise<void> => {
    for (const path of made.reverse()) await rmdir(path).catch(() => undefined)
  }
  try {
    // One by one: Node's recursive mkdir never returns below a folder such as /proc.
    for (const path of ancestors(resolve(folder))) {
      if (await isFolder(path)) continue
      await mkdir(path)
      made.push(path)
    }
    await rmdir(await mkdtemp(join(folder, '.gemgate-')))
  } catch (error) {
    await takeBack()
    throw writeFailure(folder, error)
  }
  return takeBack
}

/** The folder and everything above it, from the top. */
function ancestors(path: string): string[] {
  const above = dirname(path)
  return above === path ? [path] : [...ancestors(above), path]
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  throw new Error(`${path} is a file, no folder`)
}
