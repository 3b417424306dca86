import { parentPort } from 'node:worker_threads'
import { GemgateError } from '../core/errors.ts'
import { Hdf5Library } from './hdf5-library.ts'
import type { Hdf5Failure, Hdf5Reply, Hdf5Request } from './hdf5-messages.ts'

// The thread that runs the HDF5 library: answers requests one by one, in order.
const port = parentPort!
const library = await Hdf5Library.load()

port.on('message', (request: Hdf5Request) => {
  let reply: Hdf5Reply
  try {
    reply = answer(request)
  } catch (error) {
    reply = { failure: failure(error) }
  }
  port.postMessage(reply, reply.plane === undefined ? [] : [reply.plane.pixels.buffer])
})
port.postMessage({})

function answer(request: Hdf5Request): Hdf5Reply {
  switch (request.do) {
    case 'open':
      return { names: library.open(request.path) }
    case 'read':
      return { plane: library.read(request.name, request.plane) }
    case 'create':
      library.create(request.path)
      return {}
    case 'append':
      return { crc32: library.append(request) }
    case 'verify':
      library.verify(request.path, request.name, request.crc32)
      return {}
    case 'close':
      library.close()
      return {}
  }
}

function failure(error: unknown): Hdf5Failure {
  if (error instanceof GemgateError)
    return { code: error.code, message: error.message, remedy: error.remedy, place: error.file, fatal: false }
  // Anything else was thrown by the library: numbers (C++ exceptions), strings, traps, aborts.
  const text = error instanceof Error ? error.message : String(error)
  return {
    code: 'GG_FILE_CORRUPT',
    message: `makes the HDF5 library fail (${library.diagnosis || text.split('\n', 1)[0]!.slice(0, 200)})`,
    remedy: 'The file contradicts itself; fetch it again, or check it with h5dump',
    place: undefined,
    fatal: typeof error === 'number' || /abort/i.test(text) || (error as Error)?.name === 'RuntimeError',
  }
}
