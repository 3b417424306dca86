import { type Band, exposeBand, litBand } from '../../models/data/band.ts'
import { Detector } from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'
import type { Deposit } from '../../src/frame/truth.ts'

/** Where deposits fall: within 300 pixels of the centre along both axes, or anywhere on the sensor. */
export type Placement = 'centre' | 'sensor'

/** Drift distance of the deposits, cm: the middle of LIME. */
export const driftDistance = 25

/** Electrons of one energy, numbers `first` to `first + count` of an endless series that follows from `seed`. */
export interface DepositSeries {
  readonly seed: number
  readonly placement: Placement
  readonly keVee: number
  /** Light yield, in units of that on the day of the calibration; default 1. */
  readonly gain?: number
  readonly first: number
  readonly count: number
}

/** A deposit, and the source of whatever else is random about it. */
export interface DrawnDeposit {
  readonly deposit: Deposit
  readonly random: Random
}

/** One deposit in an exposure of the rows around it. */
export interface Exposure {
  readonly deposit: Deposit
  readonly band: Band
  /** Camera counts of the band, row-major. */
  readonly pixels: Uint16Array
}

/** The deposits of a series: at 25 cm drift, none cut by the rolling shutter. */
export function* drawDeposits(detector: Detector, series: DepositSeries): Generator<DrawnDeposit> {
  const { seed, placement, keVee, gain = 1, first, count } = series
  const { geometry, settings } = detector
  const { width, height } = geometry
  const source = new Detector(
    geometry,
    { ...settings, gainFactor: gain * settings.gainFactor },
    detector.seed,
  )
  for (let i = first; i < first + count; i++) {
    const random = new Random(seed).fork(placement, keVee, i)
    const at = (side: number): number =>
      placement === 'centre'
        ? side / 2 + Math.min(600, side) * (random.uniform() - 0.5)
        : side * random.uniform()
    const spec = { particle: 'electron', keVee, x: at(width), y: at(height), z: driftDistance } as const
    yield { deposit: source.deposit(spec, random), random }
  }
}

/** Each deposit of a series that leaves light, with noise. */
export function* exposeDeposits(detector: Detector, series: DepositSeries): Generator<Exposure> {
  for (const { deposit, random } of drawDeposits(detector, series)) {
    const band = litBand([deposit], detector.geometry)
    if (band === undefined) continue
    yield { deposit, band, pixels: exposeBand(detector.camera, [deposit], band, random.fork('noise')) }
  }
}
