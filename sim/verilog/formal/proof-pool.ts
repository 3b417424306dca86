import { ThreadPool } from '../../../src/core/thread-pool.ts'
import type { Failure, ProofAnswer, ProofProgress, ProofTask } from './proof-task.ts'

type Pool = ThreadPool<ProofTask, ProofAnswer | { readonly failure: Failure }, ProofProgress>

/** A thread that has nothing to do is kept so long, because its Yosys is warm. */
const idleMilliseconds = 300

let pool: Pool | undefined
let users = 0
let ending: NodeJS.Timeout | undefined

/** Proves in a thread; as many at once as there are cores, and no thread is left behind. */
export async function inProofThread<Result>(use: (pool: Pool) => Promise<Result>): Promise<Result> {
  clearTimeout(ending)
  pool ??= new ThreadPool(new URL('./proof-worker.ts', import.meta.url))
  users++
  try {
    return await use(pool)
  } finally {
    if (--users === 0) ending = setTimeout(endPool, idleMilliseconds)
  }
}

function endPool(): void {
  const idle = pool
  pool = undefined
  void idle?.[Symbol.asyncDispose]()
}
