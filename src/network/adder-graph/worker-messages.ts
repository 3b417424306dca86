import type { ErrorCode } from '../../core/errors.ts'
import type { AdderGraph } from './adder-graph.ts'
import type { ConstantMatrix } from './matrix.ts'
import type { AdderGraphOptions, AdderGraphProgress } from './optimise.ts'

export interface WorkerRequest {
  readonly matrix: ConstantMatrix
  readonly options: Omit<AdderGraphOptions, 'signal' | 'onProgress'>
  /** Whether progress is wanted. */
  readonly progress: boolean
}

/** One of its parts. */
export interface WorkerReply {
  readonly graph?: AdderGraph
  readonly progress?: AdderGraphProgress
  readonly failure?: { readonly code: ErrorCode; readonly message: string; readonly remedy: string }
}
