import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes a folder hold these files, by name, and nothing else. */
export async function writeFolder(path: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(path, { recursive: true })
  for (const name of await readdir(path))
    if (!files.has(name)) await rm(join(path, name), { recursive: true })
  for (const [name, text] of files) await writeFile(join(path, name), text)
}
