import { readFile } from 'node:fs/promises'
import { openBoard } from '../board/open-board.ts'
import { GemgateError } from '../core/errors.ts'
import { loadRecoilClassifier, type RecoilClassifier, shippedModel } from '../network/recoil-classifier.ts'
import type { Device } from './device.ts'
import { FpgaDevice } from './fpga-device.ts'
import { OnnxDevice } from './onnx-device.ts'

export interface OpenDeviceOptions {
  /** ONNX file of the classifier; default the shipped one. */
  readonly model?: string
}

/** Opens a device by address: a board address (see open-board.ts) or `onnx:cpu`. */
export async function openDevice(address: string, options: OpenDeviceOptions = {}): Promise<Device> {
  const classifier = await loadRecoilClassifier(options.model)
  if (address.startsWith('onnx:')) {
    if (address === 'onnx:cpu') return OnnxDevice.open(classifier)
    throw new GemgateError(
      'GG_DEVICE_UNAVAILABLE',
      `${address} is not in this version`,
      'Use onnx:cpu; FEATURES.md says what is planned.',
    )
  }
  if (address === 'sim:' && !(await isShipped(classifier)))
    throw new GemgateError(
      'GG_DEVICE_UNAVAILABLE',
      `sim: holds the weights of the shipped classifier, not of ${classifier.path}`,
      'Leave --model out, or use model: and onnx:cpu.',
    )
  return new FpgaDevice(await openBoard(address, classifier))
}

async function isShipped({ path, onnx }: RecoilClassifier): Promise<boolean> {
  return path === shippedModel || Buffer.from(onnx).equals(await readFile(shippedModel))
}
