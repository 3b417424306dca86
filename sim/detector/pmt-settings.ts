import { GemgateError } from '../../src/core/errors.ts'

/** A waveform digitizer of 12 bits; pulses go down from the baseline, as the anodes give them. */
export interface Digitizer {
  readonly name: string
  /** Time between two samples, ns. */
  readonly interval: number
  readonly samples: number
  /** Part of the window before the trigger, 0 ... 1. */
  readonly preTrigger: number
  /** Volts per count; the input is 50 ohm. */
  readonly voltsPerCount: number
  /** Level without light, counts of 0 ... 4095. */
  readonly baseline: number
  /** Noise of a sample, counts rms. */
  readonly noise: number
}

/**
 * LIME's digitizers: 1 Vpp at 750 MS/s, 1024 samples, and 2 Vpp at 250 MS/s, 4000 samples
 * (CYGNUS-RD/reconstruction, ReadMe_PMT.md), 60 % after the trigger (settings of run 42901). Baseline and noise are
 * chosen, nothing is published.
 */
export const digitizers = {
  v1742: {
    name: 'V1742',
    interval: 1000 / 750,
    samples: 1024,
    preTrigger: 0.4,
    voltsPerCount: 1 / 4096,
    baseline: 3900,
    noise: 1,
  },
  v1720: {
    name: 'V1720',
    interval: 4,
    samples: 4000,
    preTrigger: 0.4,
    voltsPerCount: 2 / 4096,
    baseline: 3900,
    noise: 1,
  },
} as const satisfies Record<string, Digitizer>

/** Four photomultipliers that look at the last GEM. */
export interface PmtSettings {
  /** Positions across the plane of the GEMs from the centre of the picture, mm. */
  readonly positions: readonly (readonly [x: number, y: number])[]
  /** Distance from the plane of the GEMs, mm. */
  readonly distance: number
  /** Light in a tube falls with this power of its distance from the light. */
  readonly exponent: number
  /**
   * Photo-electrons of all tubes per keVee for light on the axis: per `electronsPerKeV` electrons that leave GEM3.
   * Proportional to the light yield of the detector (`DetectorSettings.gainFactor`).
   */
  readonly photoelectronsPerKeV: number
  /** Electrons at the anode per photo-electron, and its relative spread. */
  readonly gain: number
  readonly gainSpread: number
  /** Time constants of the response to one photo-electron, `exp(-t / fall) - exp(-t / rise)`, ns; fall > rise. */
  readonly rise: number
  readonly fall: number
}

/**
 * Electrons that leave GEM3 per keVee: the 1762 ADU/keV of a 5.9 keV spot at 25 cm, 440 V, over the 4 counts, the lens's
 * 1.192e-4 and the 0.07 photons per electron of the digitization.
 */
export const electronsPerKeV = 1762 / (4 * 1.192e-4 * 0.07)

/**
 * LIME: places, distance and the fourth power are those of the collaboration's position fit (arXiv 2506.04973,
 * fraborra/Cygno_PMTs_fit). The yield in photo-electrons is not published: docs/pmt-study.md brackets it. Gain, its
 * spread and the response are typical of a small fast tube and chosen, not measured.
 */
export const limePmts: PmtSettings = {
  positions: [
    [-142, 142],
    [142, 142],
    [142, -142],
    [-142, -142],
  ],
  distance: 190,
  exponent: 4,
  photoelectronsPerKeV: 100,
  gain: 2e6,
  gainSpread: 0.4,
  rise: 1.5,
  fall: 4,
}

/** Throws GG_SETTINGS unless tubes and digitizer can be simulated. */
export function checkPmts(tubes: PmtSettings, digitizer: Digitizer): void {
  const { interval, samples, preTrigger, voltsPerCount, baseline, noise } = digitizer
  const right =
    tubes.distance > 0 &&
    tubes.photoelectronsPerKeV >= 0 &&
    tubes.gain > 0 &&
    tubes.gainSpread >= 0 &&
    tubes.rise > 0 &&
    tubes.fall > tubes.rise &&
    interval > 0 &&
    Number.isInteger(samples) &&
    samples > 0 &&
    preTrigger >= 0 &&
    preTrigger < 1 &&
    voltsPerCount > 0 &&
    baseline >= 0 &&
    baseline <= 4095 &&
    noise >= 0
  if (right) return
  throw new GemgateError(
    'GG_SETTINGS',
    `photomultipliers on '${digitizer.name}' cannot be simulated`,
    'see PmtSettings and Digitizer in sim/detector/pmt-settings.ts',
  )
}

/** Counts times ns that one photo-electron adds: its charge into 50 ohm. */
export function photoelectronArea(tubes: PmtSettings, digitizer: Digitizer): number {
  return (tubes.gain * 1.602176634e-19 * 50 * 1e9) / digitizer.voltsPerCount
}

/**
 * Part of the light on the axis that each tube gets from light at (x, y) mm from the centre of the picture: a quarter
 * each on the axis.
 */
export function lightShares(tubes: PmtSettings, x: number, y: number): number[] {
  const fall = (dx: number, dy: number): number => Math.hypot(dx, dy, tubes.distance) ** -tubes.exponent
  const axis = tubes.positions.reduce((sum, [px, py]) => sum + fall(px, py), 0)
  return tubes.positions.map(([px, py]) => fall(px - x, py - y) / axis)
}
