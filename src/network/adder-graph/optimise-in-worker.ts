import { ThreadPool } from '../../core/thread-pool.ts'
import type { AdderGraph } from './adder-graph.ts'
import { type ConstantMatrix, constantMatrix } from './matrix.ts'
import { type AdderGraphOptions, type AdderGraphProgress, aborted } from './optimise.ts'
import type { GraphSearch } from './worker.ts'

/**
 * `optimiseAdderGraph` in a thread of its own: the same graph, while this thread stays free.
 * @throws GemgateError as `optimiseAdderGraph`; an abort ends the thread at once
 */
export async function optimiseAdderGraphInWorker(
  matrix: ConstantMatrix | readonly ArrayLike<number>[],
  options: AdderGraphOptions = {},
): Promise<AdderGraph> {
  const { rows, columns, values } = constantMatrix(matrix)
  const { signal, onProgress, ...rest } = options
  const search: GraphSearch = {
    matrix: { rows, columns, values: Float64Array.from(values) },
    options: rest,
    progress: onProgress !== undefined,
  }
  const module = new URL('./worker.ts', import.meta.url)
  await using pool = new ThreadPool<GraphSearch, AdderGraph, AdderGraphProgress>(module, { threads: 1 })
  try {
    return (await pool.map([search], undefined, signal, onProgress))[0]!
  } catch (error) {
    throw signal?.aborted === true ? aborted() : error
  }
}
