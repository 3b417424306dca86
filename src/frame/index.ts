export type { Frame } from './frame.ts'
export { type WriteHdf5Options, writeHdf5 } from './hdf5.ts'
export { maxEventBytes, maxFramePixels } from './limits.ts'
export { decodeNpy, encodeNpy, writeNpy } from './npy.ts'
export { checkPedestalFits, type Pedestal } from './pedestal.ts'
export { type FinishOptions, PedestalBuilder } from './pedestal-builder.ts'
export { loadPedestal, savePedestal } from './pedestal-file.ts'
export { decodePng } from './png.ts'
export {
  autoContrast,
  type Box,
  type Contrast,
  drawBox,
  encodeGreyPng,
  encodePng16,
  encodeRgbPng,
  type RgbPicture,
  toRgb,
} from './png-encode.ts'
export {
  type FrameFailure,
  type FrameSkip,
  type ReadFramesOptions,
  readFrames,
} from './read-frames.ts'
export { spatialPedestal } from './spatial-pedestal.ts'
export { toNdarray } from './to-ndarray.ts'
export { type Deposit, type Particle, type RecoilClass, recoilClass, type Truth } from './truth.ts'
