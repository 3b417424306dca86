import { parentPort } from 'node:worker_threads'
import { GemgateError } from './errors.ts'
import type { ThreadAnswer, ThreadFailure } from './thread-pool.ts'

/** Makes the module that calls it a thread of a `ThreadPool`: one task in, one answer out. */
export function serveTasks<Task, Result>(perform: (task: Task) => Result | Promise<Result>): void {
  const port = parentPort!
  port.on('message', async (task: Task) => {
    let answer: ThreadAnswer<Result>
    try {
      answer = { result: await perform(task) }
    } catch (error) {
      answer = { failure: describe(error) }
    }
    port.postMessage(answer)
  })
}

function describe(error: unknown): ThreadFailure {
  if (error instanceof GemgateError) return { code: error.code, message: error.message, remedy: error.remedy }
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
