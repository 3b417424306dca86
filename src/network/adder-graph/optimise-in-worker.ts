import { Worker } from 'node:worker_threads'
import { GemgateError } from '../../core/errors.ts'
import type { AdderGraph } from './adder-graph.ts'
import { type ConstantMatrix, constantMatrix } from './matrix.ts'
import { type AdderGraphOptions, aborted } from './optimise.ts'
import type { WorkerReply, WorkerRequest } from './worker-messages.ts'

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
  if (signal?.aborted === true) throw aborted()
  const worker = startWorker()
  let abort: (() => void) | undefined
  try {
    return await new Promise<AdderGraph>((resolve, reject) => {
      abort = () => reject(aborted())
      signal?.addEventListener('abort', abort)
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`the adder graph thread ended with code ${code}`)))
      worker.on('message', (reply: WorkerReply) => {
        if (reply.graph !== undefined) resolve(reply.graph)
        else if (reply.failure !== undefined)
          reject(new GemgateError(reply.failure.code, reply.failure.message, reply.failure.remedy))
        else if (reply.progress !== undefined) {
          try {
            onProgress?.(reply.progress)
          } catch (error) {
            reject(error)
          }
        }
      })
      const request: WorkerRequest = {
        matrix: { rows, columns, values: Float64Array.from(values) },
        options: rest,
        progress: onProgress !== undefined,
      }
      worker.postMessage(request)
    })
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

/** Compiled, the thread runs the compiled file; in a checkout tsx is registered inside the thread. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url))
  const urls = ['../../../node_modules/tsx/dist/esm/api/index.mjs', './worker.ts'].map(
    (path) => new URL(path, import.meta.url).href,
  )
  const script = `const [tsx, worker] = ${JSON.stringify(urls)}
import(tsx).then(({ register }) => (register(), import(worker)))`
  return new Worker(script, { eval: true })
}
