import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFailure } from '../core/write-failure.ts'

/** What a result follows from, as JSON: the same description, the same result. */
export type Description = Readonly<Record<string, unknown>>

interface StoredPoint {
  readonly description: Description
  readonly result: unknown
  /** SHA-256 of the result as JSON. */
  readonly sha256: string
}

/**
 * Finished results in a folder, one file each, named by what they follow from: a run that was stopped goes on from them.
 * A file appears whole or not at all; one that was damaged since is taken for missing.
 */
export class PointStore {
  readonly #folder: string
  readonly #onDamage: (path: string) => void

  /**
   * @param folder is made with the first result where it is missing
   * @param onDamage hears of each file that does not hold what it should; it is done again
   */
  constructor(folder: string, onDamage: (path: string) => void = () => {}) {
    this.#folder = folder
    this.#onDamage = onDamage
  }

  /** The result of a description, or undefined where there is none. */
  read(description: Description): unknown {
    const path = this.#path(description)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      this.#onDamage(path)
      return undefined
    }
    const stored = parse(text)
    const sound =
      stored !== undefined &&
      JSON.stringify(stored.description) === JSON.stringify(description) &&
      stored.sha256 === sha256(JSON.stringify(stored.result))
    if (sound) return stored.result
    this.#onDamage(path)
    return undefined
  }

  /** @throws GemgateError GG_OUTPUT */
  write(description: Description, result: unknown): void {
    const path = this.#path(description)
    const point: StoredPoint = { description, result, sha256: sha256(JSON.stringify(result)) }
    const draft = `${path}.${process.pid}.part`
    try {
      mkdirSync(this.#folder, { recursive: true })
      rmSync(path, { recursive: true, force: true })
      writeFileSync(draft, `${JSON.stringify(point)}\n`)
      renameSync(draft, path)
    } catch (error) {
      if (existsSync(draft)) rmSync(draft)
      throw writeFailure(path, error)
    }
  }

  #path(description: Description): string {
    return join(this.#folder, `${sha256(JSON.stringify(description)).slice(0, 24)}.json`)
  }
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function parse(text: string): StoredPoint | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'result' in value
      ? (value as StoredPoint)
      : undefined
  } catch {
    return undefined
  }
}
