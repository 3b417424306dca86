import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeFileWhole } from '../../../src/core/write-file-whole.ts'
import { cacheKey } from '../cache.ts'
import type { ProofAnswer } from './proof-task.ts'

let ownDigest: string | undefined

/** Changes whenever the prover does: a digest of its source files. */
function proverVersion(): string {
  if (ownDigest === undefined) {
    const folder = dirname(fileURLToPath(import.meta.url))
    const hash = createHash('sha256')
    for (const name of readdirSync(folder).sort())
      if (/\.(ts|js)$/.test(name) && !name.endsWith('.d.ts'))
        hash.update(name).update(readFileSync(join(folder, name)))
    ownDigest = hash.digest('hex')
  }
  return ownDigest
}

export function proofKey(inputs: unknown): string {
  return cacheKey([proverVersion(), inputs])
}

function entryPath(folder: string, key: string): string {
  return join(folder, `${key}.proof`)
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A proof that passed before, or undefined if there is none or its entry is damaged. */
export function readProof(folder: string, key: string): ProofAnswer | undefined {
  try {
    const file = readFileSync(entryPath(folder, key), 'utf8')
    const [digest, text = ''] = file.split('\n', 2)
    return digest === digestOf(text) ? (JSON.parse(text) as ProofAnswer) : undefined
  } catch {
    // unreadable counts as absent: it is proven again and the entry replaced
    return undefined
  }
}

/**
 * Keeps a proof; only passed ones, which have no traces.
 * @throws GemgateError GG_OUTPUT if the folder cannot be written
 */
export async function writeProof(folder: string, key: string, answer: ProofAnswer): Promise<void> {
  const text = JSON.stringify(answer)
  mkdirSync(folder, { recursive: true })
  await writeFileWhole(entryPath(folder, key), `${digestOf(text)}\n${text}`)
}
