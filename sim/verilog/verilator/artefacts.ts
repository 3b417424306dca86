import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'

/** Files that were built together, by name. */
export type Artefacts = Readonly<Record<string, Uint8Array>>

const manifest = 'manifest.json'

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * The path of a folder in the cache whose files are as they were stored, or undefined: an absent or damaged entry is
 * built again.
 */
export function findArtefacts(cache: string, key: string): string | undefined {
  const folder = join(cache, key)
  try {
    const digests = JSON.parse(readFileSync(join(folder, manifest), 'utf8')) as Record<string, string>
    for (const [name, expected] of Object.entries(digests))
      if (basename(name) !== name || digest(readFileSync(join(folder, name))) !== expected) return undefined
    return folder
  } catch {
    return undefined
  }
}

/**
 * Stores files under a key; the folder appears whole or not at all, and other processes may do the same at once.
 * @throws GemgateError GG_CACHE if the folder cannot be written
 */
export function storeArtefacts(cache: string, key: string, files: Artefacts): string {
  const folder = join(cache, key)
  const temporary = `${folder}.${randomUUID()}`
  try {
    mkdirSync(temporary, { recursive: true })
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(temporary, name), bytes)
    const digests = Object.entries(files).map(([name, bytes]) => [name, digest(bytes)])
    writeFileSync(join(temporary, manifest), JSON.stringify(Object.fromEntries(digests)))
    return moveInto(temporary, folder, cache, key)
  } catch (cause) {
    throw new GemgateError(
      'GG_CACHE',
      `the simulation cache ${cache} cannot be written`,
      'Make the folder writable, choose another one, or pass `cache: false`.',
      { file: folder, cause },
    )
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Another process may have been first, with the same content; a damaged entry gives way. */
function moveInto(temporary: string, folder: string, cache: string, key: string): string {
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(temporary, folder)
      return folder
    } catch (cause) {
      if (findArtefacts(cache, key) !== undefined) return folder
      if (attempt === 3) throw cause
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
