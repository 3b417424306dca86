import { serveTasks } from '../../core/serve-tasks.ts'
import type { AdderGraph } from './adder-graph.ts'
import type { ConstantMatrix } from './matrix.ts'
import { type AdderGraphOptions, type AdderGraphProgress, optimiseAdderGraph } from './optimise.ts'

/** What the thread is asked. */
export interface GraphSearch {
  readonly matrix: ConstantMatrix
  readonly options: Omit<AdderGraphOptions, 'signal' | 'onProgress'>
  /** Whether progress is wanted. */
  readonly progress: boolean
}

/** Milliseconds between two reports. */
const interval = 100

// The thread that searches.
serveTasks<GraphSearch, AdderGraph, AdderGraphProgress>(({ matrix, options, progress }, report) => {
  let next = 0
  return optimiseAdderGraph(matrix, {
    ...options,
    onProgress: (state) => {
      const now = performance.now()
      if (!progress || (now < next && state.done < 1)) return
      next = now + interval
      report(state)
    },
  })
})
