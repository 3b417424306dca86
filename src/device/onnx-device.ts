import type { Frame } from '../frame/frame.ts'
import type { ExecutionProvider } from '../network/onnx/execution-provider.ts'
import { type OnnxSession, openOnnxSession } from '../network/onnx/onnx-session.ts'
import type { RecoilClassifier } from '../network/recoil-classifier.ts'
import { Datapath } from '../trigger/datapath.ts'
import type { TriggerSettings } from '../trigger/settings.ts'
import type { Device, DeviceClassifier, DeviceInfo, ProcessOptions, ScoredRecord } from './device.ts'
import { type Configuration, checkConfiguration, requireConfiguration } from './frame-loader.ts'
import { featuresOf, rescored } from './rescoring.ts'

/** The processors of ONNX Runtime that can be opened, as `onnx:` and one of these. */
export const onnxProviders = {
  cpu: 'on the CPU, one thread',
  webgpu: 'on the GPU through WebGPU',
  cuda: 'on the GPU through CUDA',
} as const satisfies Readonly<Record<ExecutionProvider, string>>

/**
 * The reference for the classifier: the integer datapath finds the clusters, ONNX Runtime evaluates the
 * network file as it is written (oracle qdq-float) on the clusters of a frame in one batch.
 */
export class OnnxDevice implements Device {
  readonly info: DeviceInfo
  readonly classifier: DeviceClassifier
  readonly #session: OnnxSession
  // The scores come from ONNX Runtime afterwards.
  readonly #datapath = new Datapath((_features, scores) => scores.fill(0))
  #configuration: Configuration | undefined

  private constructor(session: OnnxSession, provider: ExecutionProvider) {
    this.#session = session
    const { placement } = session
    const mixed =
      placement === null || placement.left.length === 0
        ? ''
        : ` (${placement.taken} of ${placement.all} operators; on the CPU: ${placement.left.join(', ')})`
    this.info = {
      address: `onnx:${provider}`,
      description: `ONNX Runtime ${session.version} ${onnxProviders[provider]}${mixed}, clusters from the integer datapath`,
    }
    this.classifier = {
      processor: provider === 'cpu' ? 'cpu' : 'gpu',
      classify: (features, rows) => session.run(features, rows),
    }
  }

  /** Throws GG_DEVICE_UNAVAILABLE where ONNX Runtime is not installed or the provider does not work, saying why. */
  static async open(classifier: RecoilClassifier, provider: ExecutionProvider = 'cpu'): Promise<OnnxDevice> {
    return new OnnxDevice(await openOnnxSession(classifier.onnx, { provider }), provider)
  }

  async configure(settings: TriggerSettings, pedestal: Uint32Array): Promise<void> {
    this.#configuration = checkConfiguration(settings, pedestal)
  }

  async *process(
    frames: AsyncIterable<Frame> | Iterable<Frame>,
    options: ProcessOptions = {},
  ): AsyncGenerator<ScoredRecord, void, void> {
    const configuration = requireConfiguration(this.#configuration)
    yield* rescored(
      this.#datapath,
      configuration,
      frames,
      async (record) =>
        record.clusters.length === 0 ? [] : this.#session.run(featuresOf(record), record.clusters.length),
      options,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }
}
