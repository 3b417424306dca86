import { cropSide } from '../data/macro-crop.ts'
import type { CnnTraining } from './train.ts'

/** How models/recoil-cnn.onnx is trained. */
export const shippedCnn: CnnTraining = {
  shape: { size: cropSide, channels: [4, 8, 12], hidden: [16], outputs: 3 },
  seed: 1,
  inputExponent: -6,
  floatEpochs: 40,
  quantizedEpochs: 6,
  epochSize: 40_000,
  repeats: 1,
  batch: 32,
  rate: 0.004,
  quantizedRate: 0.001,
  energyEdges: [0.5, 6, 8, 10, 12, 14, 17, 20, 28, 60],
}
