import { serveTasks } from '../src/core/serve-tasks.ts'
import type { RecoilPlan } from './data/plan.ts'
import { loadOrGenerate } from './data/store.ts'

/** A sample that shall lie in a folder. */
export interface SampleTask {
  readonly folder: string
  readonly plan: RecoilPlan
}

// One thread that simulates: a sample in, reports of the deposits done.
serveTasks<SampleTask, null, number>(({ folder, plan }, report) => {
  loadOrGenerate(folder, plan, report)
  return null
})
