/**
 * He:CF4 60/40 at 1 atm and the triple GEM, constants of the 2025 digitization
 * (piacent/digitizationpp: config/ConfigFile_new.txt).
 */

/** Energy per electron-ion pair, keV. */
export const pairEnergy = 0.035

/** Absorption length of drifting electrons, cm. */
export const absorptionLength = 135

/** Space-charge saturation in GEM3, per electron. */
export const saturation = 0.8e-5

/** Photons per electron of the last GEM. */
export const photonsPerElectron = 0.07

/** Depth of a saturation voxel along the drift, mm. */
export const voxelDepth = 0.1

/** Lens aperture (f-number) that enters the solid angle. */
const aperture = 0.95

/** Spread in the GEMs, mm. */
export const gemSpread = { transverse: Math.sqrt(0.13475), longitudinal: Math.sqrt(0.0676) } as const

/** Diffusion in the drift gap by field in kV/cm: mm2 per cm. */
const diffusion = {
  0.8: { transverse: 0.0143819, longitudinal: 0.0103483 },
  0.5: { transverse: 0.0198721, longitudinal: 0.0152483 },
} as const

/**
 * Drift velocity by field in kV/cm: cm per us. 0.8: as used for LIME's tracks (davidjgmarques/Cygno_3D_Reconstruction);
 * 0.5: table of CYGNUS-RD/digitization (compute_drift_velocity).
 */
export const driftVelocity = { 0.8: 5.471, 0.5: 4.06 } as const

/** Spread in mm of electrons that drifted `z` cm, without that of the GEMs. */
export function driftSpread(z: number, field: 0.8 | 0.5): { transverse: number; longitudinal: number } {
  const d = diffusion[field]
  return { transverse: Math.sqrt(d.transverse * z), longitudinal: Math.sqrt(d.longitudinal * z) }
}

/** Spread in mm of a point-like deposit `z` cm from the GEMs as the camera sees it: sigma_T, sigma_L. */
export function totalSpread(z: number, field: 0.8 | 0.5): { transverse: number; longitudinal: number } {
  const drift = driftSpread(z, field)
  return {
    transverse: Math.hypot(drift.transverse, gemSpread.transverse),
    longitudinal: Math.hypot(drift.longitudinal, gemSpread.longitudinal),
  }
}

/** Gain of one GEM at `voltage` V. */
export function gemGain(voltage: number): number {
  return 0.03 * Math.exp(0.0209 * voltage)
}

/** Fraction of the electrons of a GEM at `voltage` V that leave it for the next. */
export function extractionEfficiency(voltage: number): number {
  return 0.87319885 * Math.exp(-0.002 * voltage)
}

/** Fraction of the photons that enter the lens: demagnification `ratio` = object / sensor. */
export function solidAngle(ratio: number): number {
  return 1 / (4 * (ratio + 1) * aperture) ** 2
}
