import type { Worker } from 'node:worker_threads'
import { GemgateError } from '../core/errors.ts'
import { startThread } from '../core/start-thread.ts'
import { corrupt } from './file-errors.ts'
import type { Hdf5Reply, Hdf5Request } from './hdf5-messages.ts'

/**
 * Longest time for one answer. The largest legal picture (64 Mpixel of 8 bytes, gzip) takes a few seconds;
 * longer means that a damaged file sends the library in circles.
 */
const answerLimit = 60_000

/** Longest time for the thread to load the library on a busy machine. */
const startLimit = 60_000

interface Pending {
  readonly resolve: (reply: Hdf5Reply) => void
  readonly reject: (error: unknown) => void
}

/** One thread is kept for the next file: it takes 0.2 s to start, which a folder of files should not pay each. */
let spare: Hdf5Thread | undefined

/**
 * The HDF5 library in a thread of its own, one file at a time. A trap or an endless loop in there ends the
 * thread, never the process; the thread's file descriptors are closed with it.
 */
export class Hdf5Thread {
  readonly #worker: Worker
  #pending: Pending | undefined
  #usable = true

  static async take(): Promise<Hdf5Thread> {
    const ready = spare
    spare = undefined
    if (ready?.usable === true) return ready
    const thread = new Hdf5Thread()
    await thread.#answer('', startLimit).catch((error: unknown) => {
      throw new GemgateError(
        'GG_DEVICE_UNAVAILABLE',
        `the HDF5 library does not start: ${error instanceof Error ? error.message : String(error)}`,
        'Install the dependencies again (npm ci)',
        { cause: error },
      )
    })
    return thread
  }

  get usable(): boolean {
    return this.#usable
  }

  private constructor() {
    this.#worker = startThread(new URL('./hdf5-worker.ts', import.meta.url), {
      package: 'h5wasm/node',
    })
    this.#worker.unref()
    this.#worker.on('message', (reply: Hdf5Reply) => this.#settle((pending) => pending.resolve(reply)))
    this.#worker.on('error', (error) => this.#lose(error))
    this.#worker.on('exit', (code) => this.#lose(new Error(`the HDF5 thread ended with code ${code}`)))
  }

  /** Sends one request; failures are typed errors that name `file`. */
  async call(file: string, request: Hdf5Request, limit = answerLimit): Promise<Hdf5Reply> {
    const transfer = request.do === 'append' ? [request.pixels.buffer] : []
    const answer = this.#answer(file, limit)
    if (this.#usable) this.#worker.postMessage(request, transfer)
    const reply = await answer
    const { failure } = reply
    if (failure === undefined) return reply
    if (failure.fatal) this.#end()
    const dataset = failure.place?.startsWith(`${file}#`)
      ? `dataset ${failure.place.slice(file.length + 1)} `
      : ''
    throw new GemgateError(failure.code, `${dataset}${failure.message}`, failure.remedy, { file })
  }

  /** Closes the file and keeps the thread for the next one. */
  async giveBack(): Promise<void> {
    if (!this.#usable) return
    try {
      await this.call('', { do: 'close' })
    } catch {
      // A file that cannot be closed leaves the library in an unknown state.
      this.#end()
    }
    if (!this.#usable) return
    if (spare === undefined) spare = this
    else this.#end()
  }

  async #answer(file: string, limit: number): Promise<Hdf5Reply> {
    // While an answer is awaited the thread keeps the process alive; an idle one must not.
    this.#worker.ref()
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Hdf5Reply>((resolve, reject) => {
        this.#pending = { resolve, reject }
        timer = setTimeout(() => reject(new Error(`no answer within ${limit / 1000} s`)), limit)
        if (!this.#usable) reject(new Error('the HDF5 thread has ended'))
      })
    } catch (error) {
      this.#end()
      const reason = error instanceof Error ? error.message : String(error)
      throw corrupt(file, `makes the HDF5 library fail (${reason})`, undefined, error)
    } finally {
      clearTimeout(timer)
      this.#pending = undefined
      this.#worker.unref()
    }
  }

  #settle(how: (pending: Pending) => void): void {
    const pending = this.#pending
    this.#pending = undefined
    if (pending !== undefined) how(pending)
  }

  #lose(error: Error): void {
    this.#usable = false
    this.#settle((pending) => pending.reject(error))
  }

  #end(): void {
    this.#usable = false
    // Not awaited: a thread inside a system call (a dead network mount) ends only when that returns.
    void this.#worker.terminate()
  }
}
