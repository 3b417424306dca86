import { parentPort } from 'node:worker_threads'
import { GemgateError } from './errors.ts'
import type { ThreadAnswer, ThreadFailure } from './thread-pool.ts'

/** Makes the module that calls it a thread of a `ThreadPool`: one task in, any number of reports and one answer out. */
export function serveTasks<Task, Result, Progress = never>(
  perform: (task: Task, report: (progress: Progress) => void) => Result | Promise<Result>,
): void {
  const answer = (message: ThreadAnswer<Result, Progress>): void => parentPort!.postMessage(message)
  parentPort!.on('message', async (task: Task) => {
    try {
      answer({ result: await perform(task, (progress) => answer({ progress })) })
    } catch (error) {
      answer({ failure: describe(error) })
    }
  })
}

function describe(error: unknown): ThreadFailure {
  if (error instanceof GemgateError) return { code: error.code, message: error.message, remedy: error.remedy }
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
