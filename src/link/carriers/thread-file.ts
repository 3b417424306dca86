import { closeSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../core/start-thread.ts'

/** What the thread is asked to do. */
export type FileRequest =
  | { readonly read: number; readonly position: number | null }
  | { readonly write: Uint8Array; readonly position: number | null }
  | { readonly end: true }

/** What it answers: bytes that were read, how many were written, or the code and number of the failed call. */
export type FileAnswer =
  | { readonly bytes: Uint8Array }
  | { readonly count: number }
  | { readonly code: string; readonly errno: number; readonly message: string }

/** Milliseconds that `close` waits for a call that blocks. */
const patience = 500

/** A file whose calls block: they are made one at a time in a thread of their own, never in the pool that Node shares. */
export class ThreadFile {
  readonly #fd: number
  readonly #worker: Worker
  readonly #waiting: { resolve: (answer: FileAnswer) => void; reject: (error: Error) => void }[] = []
  readonly #ended: Promise<void>

  constructor(fd: number) {
    this.#fd = fd
    this.#worker = startThread(new URL('./file-worker.ts', import.meta.url), { workerData: fd })
    this.#worker.on('message', (answer: FileAnswer) => this.#waiting.shift()?.resolve(answer))
    const fail = (error: Error): void => {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    }
    this.#worker.on('error', fail)
    this.#ended = new Promise((resolve) =>
      this.#worker.once('exit', () => {
        fail(new Error('the thread of the file ended'))
        resolve()
      }),
    )
  }

  async read(length: number, position: number | null): Promise<Uint8Array> {
    const answer = await this.#ask({ read: length, position })
    if ('bytes' in answer) return answer.bytes
    throw systemError(answer)
  }

  async write(bytes: Uint8Array, position: number | null): Promise<number> {
    const answer = await this.#ask({ write: bytes, position })
    if ('count' in answer) return answer.count
    throw systemError(answer)
  }

  /** A call that still blocks after half a second keeps its thread, and the file, until the driver gives up. */
  async close(): Promise<void> {
    this.#worker.postMessage({ end: true } satisfies FileRequest)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patience)
    })
    const outcome = await Promise.race([this.#ended, late])
    clearTimeout(timer)
    if (outcome === 'late') {
      this.#worker.unref()
      void this.#ended.then(() => closeSync(this.#fd))
    } else closeSync(this.#fd)
  }

  #ask(request: FileRequest): Promise<FileAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(request)
    })
  }
}

function systemError(answer: FileAnswer): Error {
  if (!('code' in answer)) return new Error('the thread of the file gave another answer')
  const { code, errno, message } = answer
  return Object.assign(new Error(message), { code, errno })
}
