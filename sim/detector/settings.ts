import { GemgateError } from '../../src/core/errors.ts'

/** How the detector is run. Every field has a default, see `defaultSettings`. */
export interface DetectorSettings {
  /** Voltage on each of the three GEMs, V (300..460). At 300 V there is no visible light. */
  readonly voltage: number
  /** Drift of the light yield by humidity and pressure; the 55Fe peak of LIME moves by +-30 % (0.1..10). */
  readonly gainFactor: number
  /** Drift field, kV/cm: the two for which the digitization has diffusion constants. */
  readonly driftField: 0.8 | 0.5
  /** Loss of light towards the corners. */
  readonly vignetting: boolean
  /** Cut of tracks that light up while rows are being reset or read. */
  readonly rollingShutter: boolean
  /** Exposure, s (0.00028..10). */
  readonly exposure: number
  /**
   * Deposits up to this energy (keVee) have every primary electron placed on its own; above, and always for
   * alphas, a track segment spreads as one Gaussian cloud.
   */
  readonly explicitLimit: number
  /** Time of frame 0, seconds since 1970-01-01 UTC. */
  readonly startTime: number
}

/** LIME at LNGS: 440 V per GEM, 0.3 s exposures, 0.8 kV/cm. Time starts at 2025-01-01 00:00 UTC. */
export const defaultSettings: DetectorSettings = {
  voltage: 440,
  gainFactor: 1,
  driftField: 0.8,
  vignetting: true,
  rollingShutter: true,
  exposure: 0.3,
  explicitLimit: 150,
  startTime: Date.UTC(2025, 0, 1) / 1000,
}

/** The defaults with `partial` laid over them; throws GG_SETTINGS for a value out of range. */
export function completeSettings(partial: Partial<DetectorSettings> = {}): DetectorSettings {
  const settings = { ...defaultSettings, ...partial }
  within('voltage', settings.voltage, 300, 460)
  within('gainFactor', settings.gainFactor, 0.1, 10)
  within('exposure', settings.exposure, 0.00028, 10)
  within('explicitLimit', settings.explicitLimit, 0, 1000)
  within('startTime', settings.startTime, 0, 1e11)
  if (settings.driftField !== 0.8 && settings.driftField !== 0.5)
    throw new GemgateError(
      'GG_SETTINGS',
      `driftField ${settings.driftField} is unknown`,
      'use 0.8 or 0.5 (kV/cm)',
    )
  return settings
}

function within(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return
  throw new GemgateError('GG_SETTINGS', `${name} is ${value}`, `use ${low} to ${high}`)
}
