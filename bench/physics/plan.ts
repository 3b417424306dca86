import { type CameraStress, geometries } from '../../sim/detector/index.ts'

/** Seeds of the benchmark. Nothing is tuned on them: not thresholds, not kernels, not networks. */
export const benchSeeds = {
  detector: 9001,
  dark: 9101,
  stressed: 9111,
  deposits: 9121,
  peaks: 9131,
  recoils: 9141,
} as const

/** What the calibration is told of the camera: ADU of one photoelectron, as the simulated ORCA-Fusion has them. */
export const calibration = { photoelectron: geometries.lime.countsPerPhoton } as const

/** How much is measured. */
export interface PhysicsPlan {
  readonly pedestalFrames: number
  readonly noiseFrames: number
  /** Empty frames, and as many for each stress. */
  readonly emptyFrames: number
  /** Empty frames from which the thresholds of the floating-point observers are taken. */
  readonly peakFrames: number
  readonly depositsPerEnergy: number
  /** Share of the recoils that the classifiers are scored on. */
  readonly recoilShare: number
  /** Share of the frames of each scenario. */
  readonly scenarioShare: number
  /** Frames through the simulated Verilog, the datapath and the reference chain, for times. */
  readonly timedFrames: number
}

export const fullPlan: PhysicsPlan = {
  pedestalFrames: 100,
  noiseFrames: 32,
  emptyFrames: 300,
  peakFrames: 100,
  depositsPerEnergy: 240,
  recoilShare: 1,
  scenarioShare: 1,
  timedFrames: 12,
}

/** A tenth of the statistics or little more, for people. */
export const quickPlan: PhysicsPlan = {
  pedestalFrames: 100,
  noiseFrames: 32,
  emptyFrames: 30,
  peakFrames: 20,
  depositsPerEnergy: 24,
  recoilShare: 0.1,
  scenarioShare: 0.1,
  timedFrames: 2,
}

/** What may have changed since the pedestal run, one after the other and together. */
export interface Stress {
  readonly name: string
  readonly camera: CameraStress
}

const offset = { offset: 0.5 }
const hotPixels = { hotPixels: 20 }
const noise = { noise: 1.03 }

export const stresses: readonly Stress[] = [
  { name: 'offset +0.5 ADU', camera: offset },
  { name: '20 new hot pixels', camera: hotPixels },
  { name: 'noise +3 %', camera: noise },
  { name: 'together', camera: { ...offset, ...hotPixels, ...noise } },
]

/**
 * Light yields, in units of that on the day of the calibration, at which the efficiency is measured again: the 55Fe peak
 * of LIME moves by 30 %. A frame without light does not know of it, so false regions need no such stress.
 */
export const gains = [0.7, 1.3] as const
