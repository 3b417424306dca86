import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for the files that are handed to a program; gone when the programmer is disposed. */
export class ProgramFolder implements AsyncDisposable {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  static async make(): Promise<ProgramFolder> {
    return new ProgramFolder(await mkdtemp(join(tmpdir(), 'gemgate-flash-')))
  }

  file(name: string): string {
    return join(this.#path, name)
  }

  async write(name: string, content: Uint8Array | string): Promise<string> {
    const file = this.file(name)
    await writeFile(file, content)
    return file
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#path, { recursive: true, force: true })
  }
}
