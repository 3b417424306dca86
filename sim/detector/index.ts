export { Camera, pattern, type Region } from './camera.ts'
export { cropFrame, cropLight, regionAround } from './crop.ts'
export { type DepositSpec, energies } from './deposit-spec.ts'
export { addLight, Detector } from './detector.ts'
export { gemGain, totalSpread } from './gas.ts'
export { type DetectorGeometry, type GeometryName, geometries } from './geometry.ts'
export { electronEquivalent, quenchingFactor, type RecoilSpecies, recoilEnergy } from './lindhard.ts'
export { pixelVignetting, vignetting } from './optics.ts'
export { type PmtPulse, type PmtTruth, pmtWaveforms } from './pmt.ts'
export { type ChargeColumn, ChargeHistory } from './pmt-charge.ts'
export { type PulseFeatures, pulseFeatures } from './pmt-features.ts'
export { type Digitizer, digitizers, lightShares, limePmts, type PmtSettings } from './pmt-settings.ts'
export {
  defaultPopulation,
  drawDeposit,
  drawDeposits,
  matchedPopulation,
  type Population,
  type PopulationPart,
  type Spectrum,
  undergroundPopulation,
} from './population.ts'
export { electronRange, recoilRange, type TrackRange } from './range.ts'
export { completeSettings, type DetectorSettings, defaultSettings } from './settings.ts'
export { openRows } from './shutter.ts'
export { type CameraStress, stressedCamera } from './stress.ts'
export { type SyntheticFramesOptions, syntheticFrames } from './synthetic-frames.ts'
export type { Vector } from './track.ts'
