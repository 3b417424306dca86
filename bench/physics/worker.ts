import { workerData } from 'node:worker_threads'
import { serveTasks } from '../../src/core/serve-tasks.ts'
import { openContext, type ThreadContext } from './context.ts'
import { type Assignment, performTask } from './tasks.ts'

// One thread of the benchmark: an assignment in, its output out.
const context = openContext(workerData as ThreadContext)

serveTasks((assignment: Assignment) => performTask(context, assignment))
