import type { Frame } from '../frame/frame.ts'
import { type OnnxSession, openOnnxSession } from '../network/onnx/onnx-session.ts'
import type { RecoilClassifier } from '../network/recoil-classifier.ts'
import { Datapath } from '../trigger/datapath.ts'
import { decodeEventPacket, type EventRecord, setScores } from '../trigger/event-packet.ts'
import type { TriggerSettings } from '../trigger/settings.ts'
import type { Device, DeviceInfo, ProcessOptions } from './device.ts'
import {
  type Configuration,
  checkConfiguration,
  loadPixels,
  requireConfiguration,
  timeTag,
} from './frame-loader.ts'

/**
 * The reference for the classifier: the integer datapath finds the clusters, ONNX Runtime evaluates the
 * network file as it is written (oracle qdq-float) on the clusters of a frame in one batch.
 */
export class OnnxDevice implements Device {
  readonly info: DeviceInfo
  readonly #session: OnnxSession
  // The scores come from ONNX Runtime afterwards.
  readonly #datapath = new Datapath((_features, scores) => scores.fill(0))
  #configuration: Configuration | undefined

  private constructor(session: OnnxSession) {
    this.#session = session
    this.info = {
      address: 'onnx:cpu',
      description: `ONNX Runtime ${session.version} on the CPU, clusters from the integer datapath`,
    }
  }

  /** Throws GG_DEVICE_UNAVAILABLE where ONNX Runtime is not installed. */
  static async open(classifier: RecoilClassifier): Promise<OnnxDevice> {
    return new OnnxDevice(await openOnnxSession(classifier.onnx))
  }

  async configure(settings: TriggerSettings, pedestal: Uint32Array): Promise<void> {
    this.#configuration = checkConfiguration(settings, pedestal)
  }

  async *process(
    frames: AsyncIterable<Frame> | Iterable<Frame>,
    options: ProcessOptions = {},
  ): AsyncGenerator<EventRecord, void, void> {
    const { settings, pedestal } = requireConfiguration(this.#configuration)
    for await (const frame of frames) {
      options.signal?.throwIfAborted()
      const pixels = loadPixels(frame, settings)
      const packet = this.#datapath.process(pixels, pedestal, settings, frame.number >>> 0, timeTag(frame))
      yield await this.#classify(packet)
    }
  }

  async #classify(packet: Uint8Array): Promise<EventRecord> {
    const record = decodeEventPacket(packet)
    const { clusters } = record
    if (clusters.length === 0) return record
    const features = new Int8Array(9 * clusters.length)
    for (const [i, cluster] of clusters.entries()) features.set(cluster.features, 9 * i)
    const scores = await this.#session.run(features, clusters.length)
    return decodeEventPacket(setScores(packet, Int16Array.from(scores)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }
}
