import { type DetectorGeometry, geometries } from '../../sim/detector/index.ts'

/** Everything a sample of clusters follows from: the same plan gives the same clusters. */
export interface RecoilPlan {
  readonly geometry: DetectorGeometry
  /** Seed of the deposits and of the noise of each exposure. */
  readonly seed: number
  /** Seed of the camera, that is of its fixed pattern and its dark frames. */
  readonly cameraSeed: number
  /** Light yields relative to nominal, one after the other; the 55Fe peak of LIME moves by +-30 %. */
  readonly gains: readonly number[]
  /**
   * Nuclear (He 40 %, C 20 %, F 40 %) and electron recoils in pairs of the same energy, log-uniform `from` ... `to`
   * keVee.
   */
  readonly recoils: number
  readonly from: number
  readonly to: number
  /** Alphas of the radon chain and muons, half each. */
  readonly others: number
  /** Dark frames for the pedestal, and further ones for the thresholds. */
  readonly pedestalFrames: number
  readonly noiseFrames: number
}

const lime = {
  geometry: geometries.lime,
  from: 0.5,
  to: 60,
  pedestalFrames: 20,
  noiseFrames: 4,
} as const

/** What the shipped classifier learns from. */
export const trainingPlan: RecoilPlan = {
  ...lime,
  seed: 101,
  cameraSeed: 11,
  gains: [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3],
  recoils: 36_000,
  others: 700,
}

/** What it is scored on: other deposits, other gains, another camera, which also has 10 % more read noise. */
export const testPlan: RecoilPlan = {
  ...lime,
  geometry: { ...geometries.lime, readNoise: 1.1 * geometries.lime.readNoise },
  seed: 202,
  cameraSeed: 22,
  gains: [0.75, 0.85, 0.95, 1.05, 1.15, 1.25],
  recoils: 20_000,
  others: 500,
}
