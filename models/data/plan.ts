import { type DetectorGeometry, geometries } from '../../sim/detector/index.ts'

/** Recoils in pairs, one nuclear (He 40 %, C 20 %, F 40 %) and one electron of the same energy. */
export interface RecoilRange {
  /** Log-uniform between these, keVee. */
  readonly from: number
  readonly to: number
  readonly pairs: number
}

/** Everything a sample of clusters follows from: the same plan gives the same clusters. */
export interface RecoilPlan {
  readonly geometry: DetectorGeometry
  /** Seed of the deposits and of the noise of each exposure. */
  readonly seed: number
  /** Seed of the camera, that is of its fixed pattern and its dark frames. */
  readonly cameraSeed: number
  /** Light yields relative to nominal, one after the other; the 55Fe peak of LIME moves by +-30 %. */
  readonly gains: readonly number[]
  /** One range after the other. */
  readonly recoils: readonly RecoilRange[]
  /** Drift distance of the recoils, cm; left out: anywhere in the drift volume. */
  readonly z?: number | undefined
  /** Alphas of the radon chain and muons, half each. */
  readonly others: number
  /** Dark frames for the pedestal, and further ones for the thresholds. */
  readonly pedestalFrames: number
  readonly noiseFrames: number
}

const lime = { geometry: geometries.lime, pedestalFrames: 40, noiseFrames: 8 } as const

/**
 * What the shipped classifiers learn from. Most recoils lie where there is something to learn: below 4 keVee the
 * classes look alike.
 */
export const trainingPlan: RecoilPlan = {
  ...lime,
  seed: 101,
  cameraSeed: 11,
  gains: [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3],
  recoils: [
    { from: 0.5, to: 4, pairs: 5_000 },
    { from: 4, to: 60, pairs: 20_000 },
  ],
  others: 700,
}

/** What they are scored on: other deposits, other gains, another camera, which also has 10 % more read noise. */
export const testPlan: RecoilPlan = {
  ...lime,
  geometry: { ...geometries.lime, readNoise: 1.1 * geometries.lime.readNoise },
  seed: 202,
  cameraSeed: 22,
  gains: [0.75, 0.85, 0.95, 1.05, 1.15, 1.25],
  recoils: [{ from: 0.5, to: 60, pairs: 10_000 }],
  others: 500,
}

/** The same camera at one drift distance, as in the study with which the issue compares; no alphas and muons. */
export const fixedDriftPlan: RecoilPlan = {
  ...testPlan,
  seed: 203,
  z: 25,
  recoils: [{ from: 0.5, to: 60, pairs: 8_000 }],
  others: 0,
}

/**
 * For a twin that knows the drift distance: what the classifiers would learn if it never changed. The shipped ones
 * do not see this sample.
 */
export const fixedDriftTrainingPlan: RecoilPlan = {
  ...trainingPlan,
  seed: 102,
  z: fixedDriftPlan.z,
  recoils: [{ from: 4, to: 60, pairs: 8_000 }],
  others: 0,
}

/** Recoils of a plan. */
export function countRecoils({ recoils }: RecoilPlan): number {
  return recoils.reduce((sum, { pairs }) => sum + 2 * pairs, 0)
}
