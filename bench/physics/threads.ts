import { ThreadPool } from '../../src/core/thread-pool.ts'
import type { ThreadContext } from './context.ts'
import type { Assignment, TaskName, TaskOutput } from './tasks.ts'

/** Threads that perform tasks; each task draws from its own seeds, so their number changes no result. */
export type BenchThreads = ThreadPool<Assignment, TaskOutput<TaskName>>

export function openThreads(context: ThreadContext, threads?: number): BenchThreads {
  return new ThreadPool(new URL('./worker.ts', import.meta.url), { threads, workerData: context })
}
