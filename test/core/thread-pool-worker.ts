import { workerData } from 'node:worker_threads'
import { GemgateError } from '../../src/core/errors.ts'
import { serveTasks } from '../../src/core/serve-tasks.ts'

export type PoolTask =
  | { readonly value: number; readonly wait?: number }
  | { readonly fail: 'typed' | 'bug' | 'exit' | 'later' }

serveTasks<PoolTask, number, string>(async (task, report) => {
  if ('value' in task) {
    report(`at ${task.value}`)
    await new Promise((resolve) => setTimeout(resolve, task.wait ?? 0))
    return task.value * (workerData as number)
  }
  if (task.fail === 'exit') process.exit(3)
  if (task.fail === 'later') {
    setTimeout(() => {
      throw new Error('too late')
    })
    return 0
  }
  if (task.fail === 'bug') throw new TypeError('a bug')
  throw new GemgateError('GG_SETTINGS', 'wrong', 'Do otherwise.')
})
