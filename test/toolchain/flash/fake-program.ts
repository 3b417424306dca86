import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/**
 * Executables that stand in for installed ones: the first words of PATH for as long as this lives. `script` is the body
 * of a shell script; every call adds its arguments, one per line, to a log.
 */
export class FakePrograms implements AsyncDisposable {
  readonly folder: string
  readonly #path: string | undefined

  private constructor(folder: string) {
    this.folder = folder
    this.#path = process.env['PATH']
    process.env['PATH'] = `${folder}${delimiter}${this.#path}`
  }

  static async make(programs: Readonly<Record<string, string>>): Promise<FakePrograms> {
    const fake = new FakePrograms(await mkdtemp(join(tmpdir(), 'gemgate-fake-')))
    for (const [name, script] of Object.entries(programs)) {
      const file = join(fake.folder, name)
      const log = join(fake.folder, `${name}.log`)
      await writeFile(file, `#!/bin/sh\nfor a in "$@"; do printf '%s\\n' "$a" >> '${log}'; done\n${script}\n`)
      await chmod(file, 0o755)
    }
    return fake
  }

  /** Arguments of all calls so far. */
  async arguments(name: string): Promise<string[]> {
    return (await readFile(join(this.folder, `${name}.log`), 'utf8')).trimEnd().split('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.env['PATH'] = this.#path
    await rm(this.folder, { recursive: true })
  }
}

/** Shell lines that print a recorded transcript. */
export function says(stream: 'stdout' | 'stderr', text: string): string {
  return `cat ${stream === 'stderr' ? '>&2 ' : ''}<<'TRANSCRIPT'\n${text}\nTRANSCRIPT`
}
