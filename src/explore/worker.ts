import { workerData } from 'node:worker_threads'
import { serveTasks } from '../core/serve-tasks.ts'
import { openStudy } from './open-study.ts'
import { performTask } from './perform-task.ts'
import type { StudySource } from './study.ts'
import type { ExploreTask } from './tasks.ts'

// One thread of an exploration.
const study = openStudy(workerData as StudySource)

serveTasks(async (task: ExploreTask) => performTask(await study, task))
