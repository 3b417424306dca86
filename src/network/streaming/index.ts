export { type AdapterOptions, buildAdapter } from './adapter.ts'
export { buildStreaming, type KernelBuilder, type StreamingOptions } from './build-streaming.ts'
export { buildFifo } from './stream-fifo.ts'
export { valueFormat } from './value-format.ts'
