import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProviderTrial } from './execution-provider.ts'

/** What the parent sends. */
export interface TrialRequest {
  readonly provider: string
  readonly model: Uint8Array
  /** An empty folder for the profile; the parent removes it, whatever becomes of this process. */
  readonly folder: string
}

/**
 * Evaluates a network once on a provider, with ONNX Runtime's profile of where each operator ran.
 * Runs in a process of its own (probe-provider.ts): a driver that crashes takes only that with it.
 */
async function attempt({ provider, model, folder }: TrialRequest): Promise<ProviderTrial> {
  try {
    const runtime = await import('onnxruntime-node')
    const session = await runtime.InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    })
    const feeds: Record<string, import('onnxruntime-node').Tensor> = {}
    for (const input of session.inputMetadata) {
      if (!input.isTensor) throw new Error(`input ${input.name} is no tensor`)
      const dims = input.shape.map((size) => (typeof size === 'number' ? size : 1))
      feeds[input.name] = zeros(runtime, input.type, dims)
    }
    await session.run(feeds)
    session.endProfiling()
    await session.release()
    const [name] = await readdir(folder)
    return { profile: await readFile(join(folder, name!), 'utf8') }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

const arrays = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float32: Float32Array,
} as const

function zeros(
  runtime: typeof import('onnxruntime-node'),
  type: string,
  dims: readonly number[],
): import('onnxruntime-node').Tensor {
  const make = arrays[type as keyof typeof arrays]
  if (make === undefined) throw new Error(`inputs of type ${type} are not tried`)
  const count = dims.reduce((product, size) => product * size, 1)
  return new runtime.Tensor(type as 'int8', new make(count) as Int8Array, [...dims])
}

process.once('message', (request: TrialRequest) => {
  void attempt(request).then((trial) => process.send!(trial, () => process.disconnect()))
})
