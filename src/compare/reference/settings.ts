import { GemgateError } from '../../core/errors.ts'
import type { Frame } from '../../frame/frame.ts'

/** Parameters of CYGNO's offline chain, named as the steps they belong to. */
export interface ReferenceSettings {
  /** Pixels at or above this many ADU are set to 0 before the pedestal is subtracted. */
  readonly upperCut: number
  /** Zero suppression: pixels not above this many rms of their own become 0. */
  readonly sigma: number
  /** First and one past the last row that are looked at; null takes all rows. */
  readonly acceptedRows: readonly [first: number, end: number] | null
  /** Pixels per side of a macro-pixel. */
  readonly binning: number
  /** Macro-pixels whose eight neighbours have a mean (in ADU per pixel) below this become 0. */
  readonly minimumNeighbourMean: number
  /** DBSCAN: largest cityblock distance of neighbours, in macro-pixels. */
  readonly radius: number
  /** DBSCAN: a macro-pixel is a core when the counts within the radius, its own included, reach this. */
  readonly minimumWeight: number
}

/** LIME at LNGS, branch winter23 (configFile_LNGS.txt, modules_config/clustering.txt), all rows. */
export const underground: ReferenceSettings = {
  upperCut: 5000,
  sigma: 0.6,
  acceptedRows: null,
  binning: 4,
  minimumNeighbourMean: 1.2,
  radius: 12,
  minimumWeight: 20,
}

/** The same for simulated frames (configFile_MC.txt). */
export const simulated: ReferenceSettings = { ...underground, sigma: 0.9, minimumNeighbourMean: 1.1 }

/** Rows of LIME between the bright bands, of all its 2304 (modules_config/geometry_lime.txt). */
const limeAcceptedRows: readonly [first: number, end: number] = [304, 2054]
const limeRows = 2304

/**
 * CYGNO's parameters for a frame: those for simulations where there is truth, and with as many rows as LIME's
 * sensor has only those that CYGNO accepts there.
 */
export function referenceSettingsFor(frame: Pick<Frame, 'height' | 'truth'>): ReferenceSettings {
  const settings = frame.truth === undefined ? underground : simulated
  return { ...settings, acceptedRows: frame.height === limeRows ? limeAcceptedRows : null }
}

/** Throws GG_SETTINGS unless the chain can run with these parameters. */
export function checkReferenceSettings(settings: ReferenceSettings): void {
  const { binning, radius } = settings
  const whole = Number.isInteger(binning) && binning >= 1 && Number.isInteger(radius) && radius >= 1
  if (whole && settings.upperCut > 0 && settings.sigma >= 0 && settings.minimumWeight > 0) return
  throw new GemgateError(
    'GG_SETTINGS',
    `the reference chain cannot run with ${JSON.stringify(settings)}`,
    'binning and radius must be whole numbers from 1, upperCut and minimumWeight positive, sigma not negative',
  )
}
