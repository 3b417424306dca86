import { readFile } from 'node:fs/promises'
import { openBoard } from '../board/open-board.ts'
import { GemgateError } from '../core/errors.ts'
import type { ExecutionProvider } from '../network/onnx/execution-provider.ts'
import { loadRecoilClassifier, type RecoilClassifier, shippedModel } from '../network/recoil-classifier.ts'
import { type Device, type DeviceClassifier, givesScoresOnly } from './device.ts'
import { FpgaDevice } from './fpga-device.ts'
import { OnnxDevice, onnxProviders } from './onnx-device.ts'
import { ScoresDevice } from './scores-device.ts'

export interface OpenDeviceOptions {
  /** ONNX file of the classifier; default the shipped one. */
  readonly model?: string
  /** File that the traffic with a board behind a link is recorded in. */
  readonly record?: string
}

/**
 * Opens a device by address: a board address (see open-board.ts), ONNX Runtime on one of its processors
 * (`onnx:cpu`, `onnx:webgpu`, `onnx:cuda`), or `scores:FILE` with scores that were computed elsewhere.
 * @throws GemgateError GG_DEVICE_UNAVAILABLE saying why, and what opening a board, model or file throws
 */
export async function openDevice(address: string, options: OpenDeviceOptions = {}): Promise<Device> {
  const classifier = await loadRecoilClassifier(options.model)
  if (options.record !== undefined && givesScoresOnly(address))
    throw new GemgateError(
      'GG_USAGE',
      `${address} has no link whose traffic could be recorded`,
      'Record a board behind a link, such as serial: or vfio-user:.',
    )
  if (address.startsWith('onnx:')) return OnnxDevice.open(classifier, onnxProvider(address))
  if (address.startsWith('scores:')) return ScoresDevice.open(address.slice('scores:'.length), classifier)
  if (address !== 'model:' && !(await isShipped(classifier)))
    throw new GemgateError(
      'GG_DEVICE_UNAVAILABLE',
      `${address} holds the weights of the shipped classifier, not of ${classifier.path}`,
      'Leave --model out, or use model: and onnx:cpu.',
    )
  const { record } = options
  const board = await openBoard(address, {
    classify: classifier.classify,
    ...(record === undefined ? {} : { record }),
  })
  return board.info.kind === 'model'
    ? new FpgaDevice(board, hostClassifier(classifier))
    : new FpgaDevice(board)
}

function onnxProvider(address: string): ExecutionProvider {
  const name = address.slice('onnx:'.length)
  if (Object.hasOwn(onnxProviders, name)) return name as ExecutionProvider
  throw new GemgateError(
    'GG_DEVICE_UNAVAILABLE',
    `gemgate does not open ONNX Runtime's provider ${JSON.stringify(name)}`,
    `Use ${Object.keys(onnxProviders)
      .map((provider) => `onnx:${provider}`)
      .join(', ')}.`,
  )
}

/** The classifier of the emulated FPGA: the integer graph, in this process, one cluster after the other. */
function hostClassifier({ classify }: RecoilClassifier): DeviceClassifier {
  return {
    processor: 'cpu',
    async classify(features, rows) {
      const scores = new Int16Array(3 * rows)
      for (let i = 0; i < rows; i++)
        classify(features.subarray(9 * i, 9 * i + 9), scores.subarray(3 * i, 3 * i + 3))
      return scores
    },
  }
}

async function isShipped({ path, onnx }: RecoilClassifier): Promise<boolean> {
  return path === shippedModel || Buffer.from(onnx).equals(await readFile(shippedModel))
}
