import { photonsPerElectron, solidAngle } from './gas.ts'
import type { DetectorGeometry } from './geometry.ts'

/**
 * Relative light at the radius rho = distance from the axis / half side: 1 - 0.385 rho^2, the radial fit to the
 * map that LIME's production uses (0.997 at 0.05, 0.876 at 0.55, 0.650 at 0.95, 0.307 at 1.35).
 */
export function vignetting(rho: number): number {
  return Math.max(0, 1 - 0.385 * rho * rho)
}

/** Relative light at the centre of the pixel in column `x`, row `y`. */
export function pixelVignetting(geometry: DetectorGeometry, x: number, y: number): number {
  const dx = x + 0.5 - geometry.width / 2
  const dy = y + 0.5 - geometry.height / 2
  return vignetting(Math.hypot(dx, dy) / geometry.vignettingRadius)
}

/** Photons that reach a pixel per electron that leaves GEM3 above it, on the optical axis. */
export function photonsPerCharge(geometry: DetectorGeometry): number {
  return solidAngle(geometry.pixelPitch / geometry.sensorPitch) * photonsPerElectron
}
