import { readSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { FileAnswer, FileRequest } from './thread-file.ts'

const fd = workerData as number
const port = parentPort!

function answer(request: FileRequest): FileAnswer | undefined {
  try {
    if ('read' in request) {
      const buffer = new Uint8Array(request.read)
      return { bytes: buffer.subarray(0, readSync(fd, buffer, 0, request.read, request.position)) }
    }
    if ('write' in request)
      return { count: writeSync(fd, request.write, 0, request.write.length, request.position) }
    return undefined
  } catch (error) {
    const { code = 'UNKNOWN', errno = 0, message } = error as NodeJS.ErrnoException
    return { code, errno, message }
  }
}

port.on('message', (request: FileRequest) => {
  const reply = answer(request)
  if (reply === undefined) return port.close()
  if ('bytes' in reply) port.postMessage(reply, [reply.bytes.buffer as ArrayBuffer])
  else port.postMessage(reply)
})
