// Public declarations say AsyncDisposable; with this they hold in projects whose own `lib` lacks it.
/// <reference lib="esnext.disposable" preserve="true" />
import { GemgateError } from '../../core/errors.ts'
import {
  type ExecutionProvider,
  explainFailure,
  type Placement,
  providerUnavailable,
} from './execution-provider.ts'
import { probeProvider } from './probe-provider.ts'

/** Integer vectors that a network reads and writes. */
export type NetworkVector = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array

/** Options of an ONNX Runtime session. */
export interface OnnxSessionOptions {
  /**
   * 'disabled' (default) evaluates the file as written: the oracle 'qdq-float' of the certificates.
   * 'all' lets ONNX Runtime fuse quantized operators.
   */
  readonly optimization?: 'disabled' | 'all'
  /** What computes; default 'cpu', one thread. */
  readonly provider?: ExecutionProvider
}

/** A network in ONNX Runtime: integers in, integers out, both in the host's memory. */
export interface OnnxSession extends AsyncDisposable {
  /** Version of the ONNX Runtime library. */
  readonly version: string
  /** Where the operators run, as profiled; null for the CPU provider, which runs them all. */
  readonly placement: Placement | null
  /**
   * Evaluates `rows` vectors, `x[rows][inputs]`, of the element type that the file declares.
   * @throws GemgateError GG_MODEL_UNSUPPORTED when ONNX Runtime refuses them
   */
  run(x: NetworkVector, rows: number): Promise<NetworkVector>
}

/** The onnxruntime-node package as far as others see it: its types are an optional dependency like itself. */
export interface OnnxRuntime {
  readonly env: { readonly versions: { readonly node?: string } }
}

/**
 * The onnxruntime-node package, loaded on first use.
 * @throws GemgateError GG_DEVICE_UNAVAILABLE when it is not installed or does not start here
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  return importRuntime()
}

async function importRuntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new GemgateError(
      'GG_DEVICE_UNAVAILABLE',
      'onnxruntime-node cannot be loaded',
      'Install it: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0 (x64 or arm64, glibc).',
      { cause },
    )
  }
}

const tensorTypes = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
} as const

/**
 * Opens a network with one input and one output. A provider other than the CPU is tried first
 * (probe-provider.ts), so that nothing runs on the CPU in its name.
 * @param bytes an ONNX file
 * @throws GemgateError GG_DEVICE_UNAVAILABLE without ONNX Runtime or without the provider, saying why;
 *   GG_MODEL_FORMAT when ONNX Runtime refuses the file
 */
export async function openOnnxSession(
  bytes: Uint8Array,
  options: OnnxSessionOptions = {},
): Promise<OnnxSession> {
  const runtime = await importRuntime()
  const provider = options.provider ?? 'cpu'
  const placement = provider === 'cpu' ? null : await requireProvider(provider, bytes)
  let session: import('onnxruntime-node').InferenceSession
  try {
    session = await runtime.InferenceSession.create(bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: options.optimization ?? 'disabled',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (provider !== 'cpu') {
      const failure = explainFailure(reason)
      throw providerUnavailable(provider, failure.reason, failure.remedy)
    }
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `ONNX Runtime refuses the model: ${reason}`,
      'Check the file with `gemgate network check`.',
      { cause },
    )
  }
  const [inputName] = session.inputNames
  const [outputName] = session.outputNames
  if (inputName === undefined || outputName === undefined || session.inputNames.length > 1) {
    await session.release()
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the network has ${session.inputNames.length} inputs and ${session.outputNames.length} outputs`,
      'Use a network with one of each.',
    )
  }
  return {
    version: runtime.env.versions.node ?? 'unknown',
    placement,
    async run(x, rows) {
      const type = tensorTypes[x.constructor.name as keyof typeof tensorTypes]
      try {
        const tensor = new runtime.Tensor(type, x as Int8Array, [rows, x.length / rows])
        const result = await session.run({ [inputName]: tensor })
        return result[outputName]!.data as NetworkVector
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new GemgateError(
          'GG_MODEL_UNSUPPORTED',
          `ONNX Runtime cannot run the network on ${rows} vectors of ${type}: ${reason}`,
          'Give vectors of the element type and length that the file declares.',
          { cause },
        )
      }
    },
    async [Symbol.asyncDispose]() {
      await session.release()
    },
  }
}

async function requireProvider(provider: ExecutionProvider, model: Uint8Array): Promise<Placement> {
  const probe = await probeProvider(provider, model)
  if (!probe.available) throw providerUnavailable(provider, probe.reason, probe.remedy)
  return probe.placement
}
