import type { Detector } from '../../sim/detector/index.ts'
import type { PhysicsConditions } from './conditions.ts'
import { DatapathRunner, holdsLight } from './datapath-runner.ts'
import { type DepositSeries, type Exposure, exposeDeposits } from './exposures.ts'

/** Energies at which efficiencies are measured, keVee: closest where they rise. */
export const efficiencyEnergies: readonly number[] = [
  0.05, 0.07, 0.09, 0.11, 0.13, 0.16, 0.2, 0.24, 0.28, 0.33, 0.4, 0.6, 1, 2,
]

/** Deposits found of those tried at one energy. */
export interface EfficiencyPoint {
  readonly keVee: number
  readonly found: number
  readonly tried: number
}

/** Says whether a trigger finds the deposit of an exposure. */
export type Finder = (exposure: Exposure) => boolean

/** How many deposits of a series each finder finds; all of them see the same pixels. One that leaves no light is lost. */
export function countFound(
  detector: Detector,
  series: DepositSeries,
  finders: readonly Finder[],
): EfficiencyPoint[] {
  const found = finders.map(() => 0)
  for (const exposure of exposeDeposits(detector, series))
    finders.forEach((finds, k) => {
      if (finds(exposure)) found[k]!++
    })
  return found.map((n) => ({ keVee: series.keVee, found: n, tried: series.count }))
}

/** The integer datapath: a deposit is found when the box of a cluster holds light of it. */
export function datapathFinder(conditions: PhysicsConditions): Finder {
  const runner = new DatapathRunner(conditions)
  return ({ deposit, band, pixels }) =>
    holdsLight(runner.band(pixels, band), deposit, band, conditions.settings)
}
