import { GemgateError } from '../../core/errors.ts'
import { onnxTypes } from '../onnx/onnx-model.ts'
import { loadOnnxRuntime } from '../onnx/onnx-session.ts'
import type { Tensor } from '../reference/tensor.ts'

/** ONNX Runtime's CPU provider on tensors of any shape and element type. */
export interface TensorSession extends AsyncDisposable {
  readonly version: string
  run(feeds: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>>
}

const carriers = new Map<number, { readonly name: string; readonly array: (data: Float64Array) => unknown }>([
  [onnxTypes.float, { name: 'float32', array: (data) => Float32Array.from(data) }],
  [onnxTypes.uint8, { name: 'uint8', array: (data) => Uint8Array.from(data) }],
  [onnxTypes.int8, { name: 'int8', array: (data) => Int8Array.from(data) }],
  [onnxTypes.uint16, { name: 'uint16', array: (data) => Uint16Array.from(data) }],
  [onnxTypes.int16, { name: 'int16', array: (data) => Int16Array.from(data) }],
  [onnxTypes.int32, { name: 'int32', array: (data) => Int32Array.from(data) }],
  [onnxTypes.int64, { name: 'int64', array: (data) => BigInt64Array.from(Array.from(data, BigInt)) }],
])

/**
 * Opens a model as it is: graph optimisation disabled, one thread.
 * @throws GemgateError GG_DEVICE_UNAVAILABLE without ONNX Runtime, GG_MODEL_FORMAT when it refuses the file
 */
export async function openTensorSession(
  bytes: Uint8Array,
  optimization: 'disabled' | 'all' = 'disabled',
): Promise<TensorSession> {
  const runtime = (await loadOnnxRuntime()) as typeof import('onnxruntime-node')
  const session = await runtime.InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: optimization,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  }).catch((cause: unknown) => {
    throw refused(cause)
  })
  return {
    version: runtime.env.versions.node ?? 'unknown',
    async run(feeds) {
      const tensors: Record<string, import('onnxruntime-node').Tensor> = {}
      for (const [name, { type, dims, data }] of feeds) {
        const carrier = carriers.get(type)
        if (carrier === undefined) throw refused(new Error(`element type ${type} of '${name}'`))
        tensors[name] = new runtime.Tensor(carrier.name as 'int8', carrier.array(data) as Int8Array, [
          ...dims,
        ])
      }
      const made = await session.run(tensors).catch((cause: unknown) => {
        throw refused(cause)
      })
      return new Map(Object.entries(made).map(([name, tensor]) => [name, fromRuntime(tensor)]))
    },
    async [Symbol.asyncDispose]() {
      await session.release()
    },
  }
}

function fromRuntime(tensor: import('onnxruntime-node').Tensor): Tensor {
  const entry = [...carriers].find(([, carrier]) => carrier.name === tensor.type)
  if (entry === undefined) throw refused(new Error(`a result of type ${tensor.type}`))
  const data = Float64Array.from(tensor.data as unknown as ArrayLike<number | bigint>, Number)
  return { type: entry[0], dims: tensor.dims, data }
}

function refused(cause: unknown): GemgateError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new GemgateError(
    'GG_MODEL_FORMAT',
    `ONNX Runtime refuses the model: ${reason}`,
    'Check the file with `gemgate network check`.',
    { cause },
  )
}
