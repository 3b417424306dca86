// Boards and devices
export type { Board, BoardInfo, BoardKind, StreamName, StreamOptions } from './board/board.ts'
export { checkCapability, type LogicCapability } from './board/capability.ts'
export { type OpenBoardOptions, openBoard } from './board/open-board.ts'
export { registerSchema } from './board/register-schema.ts'
export { type RegisterDeclaration, type RegisterName, registerDeclarations } from './board/registers.ts'
// Errors and random numbers
export { describeError, type ErrorCode, errorCodes, GemgateError } from './core/errors.ts'
export { Random } from './core/random.ts'
// Data acquisition
export { type Acquired, type AcquireOptions, acquire } from './daq/acquire.ts'
export {
  type ConditionOptions,
  type Conditions,
  pedestalConditions,
  spatialConditions,
} from './daq/conditions.ts'
export { RunFolder } from './daq/run-folder.ts'
export { type FileSourceOptions, type FrameSource, fileSource } from './daq/source.ts'
export type { Device, DeviceInfo, ProcessOptions } from './device/device.ts'
export { FpgaDevice } from './device/fpga-device.ts'
export type { Configuration } from './device/frame-loader.ts'
export { type OpenDeviceOptions, openDevice } from './device/open-device.ts'
// Frames
export {
  decodeNpy,
  encodeNpy,
  type Frame,
  type FrameFailure,
  loadPedestal,
  type Pedestal,
  PedestalBuilder,
  type ReadFramesOptions,
  readFrames,
  savePedestal,
  spatialPedestal,
  toNdarray,
  writeHdf5,
  writeNpy,
} from './frame/index.ts'
export { type Deposit, type Particle, type RecoilClass, recoilClass, type Truth } from './frame/truth.ts'
// The classifier; the network compiler is 'gemgate/network'
export { loadRecoilClassifier, type RecoilClassifier } from './network/recoil-classifier.ts'
// The datapath
export { calibrate } from './trigger/calibrate.ts'
export type { CalibrationOptions } from './trigger/calibration-options.ts'
export { type Classifier, Datapath } from './trigger/datapath.ts'
export { type Cluster, decodeEventPacket, type EventRecord } from './trigger/event-packet.ts'
export { pedestalWord, pedestalWords } from './trigger/pedestal-words.ts'
export { type Region, regionsOfInterest } from './trigger/regions.ts'
export { type TileSettings, type TriggerSettings, validateSettings } from './trigger/settings.ts'
