import { parentPort } from 'node:worker_threads'
import { GemgateError } from '../../core/errors.ts'
import { optimiseAdderGraph } from './optimise.ts'
import type { WorkerReply, WorkerRequest } from './worker-messages.ts'

// The thread that searches: one request, progress, one graph.
const port = parentPort!

/** Milliseconds between two reports. */
const interval = 100

port.on('message', ({ matrix, options, progress }: WorkerRequest) => {
  let next = 0
  const answer = (reply: WorkerReply): void => port.postMessage(reply)
  try {
    const graph = optimiseAdderGraph(matrix, {
      ...options,
      onProgress: (state) => {
        const now = performance.now()
        if (!progress || (now < next && state.done < 1)) return
        next = now + interval
        answer({ progress: state })
      },
    })
    answer({ graph })
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    answer({ failure: { code: error.code, message: error.message, remedy: error.remedy } })
  }
})
