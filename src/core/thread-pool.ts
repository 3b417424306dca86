import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { type ErrorCode, GemgateError } from './errors.ts'
import { startThread } from './start-thread.ts'

/** What a thread answers: the result of a task, or what went wrong. */
export type ThreadAnswer<Result> = { readonly result: Result } | { readonly failure: ThreadFailure }

/** An error on its way between threads; without a code it is a bug. */
export interface ThreadFailure {
  readonly code?: ErrorCode
  readonly message: string
  readonly remedy?: string
}

export interface ThreadPoolOptions {
  /** Default: one for each core. */
  readonly threads?: number | undefined
  /** Handed to each thread at its start. */
  readonly workerData?: unknown
}

/**
 * Threads that work through lists of tasks, each thread one task at a time. A module becomes one by `serveTasks`. Where
 * every task follows from itself alone the results do not depend on the number of threads.
 */
export class ThreadPool<Task, Result> implements AsyncDisposable {
  readonly #module: URL
  readonly #workerData: unknown
  readonly #most: number
  readonly #threads: Worker[] = []

  /** @param module as for `startThread` */
  constructor(module: URL, { threads = availableParallelism(), workerData }: ThreadPoolOptions = {}) {
    this.#module = module
    this.#workerData = workerData
    this.#most = threads
  }

  /**
   * Results in the order of the tasks. `onResult` hears of each as it comes.
   * @throws the first failure, a GemgateError where the task threw one; the reason of the signal when it aborts, and
   *   then the threads end where they are
   */
  async map(
    tasks: readonly Task[],
    onResult: (result: Result, at: number) => void = () => {},
    signal?: AbortSignal,
  ): Promise<Result[]> {
    const results: Result[] = []
    let next = 0
    while (this.#threads.length < Math.min(this.#most, tasks.length))
      this.#threads.push(startThread(this.#module, { workerData: this.#workerData }))
    const work = async (thread: Worker): Promise<void> => {
      while (next < tasks.length) {
        const at = next++
        const result = await this.#perform(thread, tasks[at]!, signal)
        results[at] = result
        onResult(result, at)
      }
    }
    try {
      await Promise.all(this.#threads.map(work))
    } catch (error) {
      next = tasks.length
      await this[Symbol.asyncDispose]()
      throw error
    }
    return results
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.terminate()))
  }

  #perform(thread: Worker, task: Task, signal: AbortSignal | undefined): Promise<Result> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        thread.off('message', answered).off('error', failed).off('exit', ended)
        signal?.removeEventListener('abort', stopped)
        end()
      }
      const answered = (answer: ThreadAnswer<Result>): void =>
        settle(() => ('failure' in answer ? reject(restore(answer.failure)) : resolve(answer.result)))
      const failed = (error: Error): void => settle(() => reject(error))
      const ended = (code: number): void => failed(new Error(`a thread ended with code ${code}`))
      const stopped = (): void => failed(signal!.reason)
      thread.on('message', answered).on('error', failed).on('exit', ended)
      signal?.addEventListener('abort', stopped)
      thread.postMessage(task)
    })
  }
}

function restore({ code, message, remedy }: ThreadFailure): Error {
  return code === undefined ? new Error(message) : new GemgateError(code, message, remedy ?? '')
}
