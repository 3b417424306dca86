import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { type ErrorCode, GemgateError } from './errors.ts'
import { startThread } from './start-thread.ts'

/** What a thread says of its task: the result or what went wrong, and before that how far it has come. */
export type ThreadAnswer<Result, Progress> =
  | { readonly progress: Progress }
  | { readonly result: Result }
  | { readonly failure: ThreadFailure }

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

/** A task on its way. */
interface Job<Task, Result, Progress> {
  readonly task: Task
  readonly hear: (progress: Progress) => void
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Threads that work through lists of tasks, each thread one task at a time; lists that are given at the same time share
 * them. A module becomes a thread by `serveTasks`. Where every task follows from itself alone the results do not depend
 * on the number of threads.
 */
export class ThreadPool<Task, Result, Progress = never> implements AsyncDisposable {
  readonly #module: URL
  readonly #workerData: unknown
  readonly #most: number
  readonly #idle = new Set<Worker>()
  readonly #busy = new Map<Worker, Job<Task, Result, Progress>>()
  readonly #waiting = new Set<Job<Task, Result, Progress>>()

  /** @param module as for `startThread` */
  constructor(module: URL, { threads = availableParallelism(), workerData }: ThreadPoolOptions = {}) {
    this.#module = module
    this.#workerData = workerData
    this.#most = threads
  }

  /**
   * Results in the order of the tasks. `onResult` hears of each as it comes, `onProgress` of what threads report before.
   * @throws the first failure, a GemgateError where the task threw one, or the reason of the signal when it aborts; then
   *   the threads of these tasks end where they are
   */
  async map(
    tasks: readonly Task[],
    onResult: (result: Result, at: number) => void = () => {},
    signal?: AbortSignal,
    onProgress: (progress: Progress, at: number) => void = () => {},
  ): Promise<Result[]> {
    signal?.throwIfAborted()
    const jobs: Job<Task, Result, Progress>[] = []
    const results = tasks.map(async (task, at) => {
      const result = await new Promise<Result>((resolve, reject) => {
        jobs.push({ task, hear: (progress) => onProgress(progress, at), resolve, reject })
      })
      onResult(result, at)
      return result
    })
    const stop = (): void => {
      for (const { reject } of jobs) reject(signal!.reason)
    }
    signal?.addEventListener('abort', stop)
    for (const job of jobs) this.#waiting.add(job)
    this.#assign()
    try {
      return await Promise.all(results)
    } catch (error) {
      await this.#withdraw(jobs)
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { reject } of this.#waiting) reject(new Error('the threads were ended'))
    this.#waiting.clear()
    await Promise.all([...this.#idle, ...this.#busy.keys()].map((thread) => thread.terminate()))
  }

  #assign(): void {
    for (const job of this.#waiting) {
      const [thread = this.#start()] = this.#idle
      if (thread === undefined) return
      this.#waiting.delete(job)
      this.#idle.delete(thread)
      this.#busy.set(thread, job)
      thread.postMessage(job.task)
    }
  }

  #start(): Worker | undefined {
    if (this.#idle.size + this.#busy.size >= this.#most) return undefined
    const thread = startThread(this.#module, { workerData: this.#workerData })
    thread.on('message', (answer: ThreadAnswer<Result, Progress>) => this.#hear(thread, answer))
    thread.on('error', (error) => this.#lose(thread, error))
    thread.on('exit', (code) => this.#lose(thread, new Error(`a thread ended with code ${code}`)))
    return thread
  }

  #hear(thread: Worker, answer: ThreadAnswer<Result, Progress>): void {
    const job = this.#busy.get(thread)
    if (job === undefined) return
    if ('progress' in answer) {
      try {
        job.hear(answer.progress)
      } catch (error) {
        job.reject(error)
      }
      return
    }
    if ('result' in answer) job.resolve(answer.result)
    else job.reject(restore(answer.failure))
    this.#busy.delete(thread)
    this.#idle.add(thread)
    this.#assign()
  }

  #lose(thread: Worker, error: Error): void {
    this.#busy.get(thread)?.reject(error)
    this.#busy.delete(thread)
    this.#idle.delete(thread)
    this.#assign()
  }

  /** Ends the threads that are at these jobs; others go on. */
  async #withdraw(jobs: readonly Job<Task, Result, Progress>[]): Promise<void> {
    for (const job of jobs) this.#waiting.delete(job)
    const concerned = [...this.#busy].filter(([, job]) => jobs.includes(job))
    await Promise.all(concerned.map(([thread]) => thread.terminate()))
  }
}

function restore({ code, message, remedy }: ThreadFailure): Error {
  return code === undefined ? new Error(message) : new GemgateError(code, message, remedy ?? '')
}
