import {
  type Detector,
  defaultPopulation,
  matchedPopulation,
  type Population,
  undergroundPopulation,
} from '../../sim/detector/index.ts'
import { PhysicsCollector } from '../../src/compare/index.ts'
import type { PhysicsConditions } from './conditions.ts'
import { DatapathRunner } from './datapath-runner.ts'

/**
 * Kinds of frames: underground with 0.5 deposits in the mean, recoils of 1 to 60 keVee and alphas; a busy one with ten of
 * them, as without shield; recoils of 0.1 to 5 keVee, two in the mean; and ten deposits with a tenth of them muons.
 */
export const scenarios = {
  underground: { population: { ...undergroundPopulation, meanDeposits: 0.5 }, frames: 150, first: 0 },
  busy: { population: { ...undergroundPopulation, meanDeposits: 10 }, frames: 30, first: 10_000 },
  lowEnergy: {
    population: matchedPopulation({ from: 0.1, to: 5, meanDeposits: 2 }),
    frames: 40,
    first: 20_000,
  },
  overground: { population: { ...defaultPopulation, meanDeposits: 10 }, frames: 30, first: 30_000 },
} as const satisfies Record<
  string,
  { readonly population: Population; readonly frames: number; readonly first: number }
>

export type ScenarioName = keyof typeof scenarios

/** What the regions of one frame keep. */
export interface FrameKept {
  /** All light and the light inside the regions, ADU. */
  readonly light: number
  readonly kept: number
  readonly areaDiscarded: number
  readonly regions: number
  /** Regions in whose box is no light. */
  readonly falseRegions: number
  /** Deposits with light on the sensor, and those of which at least half lies inside the regions. */
  readonly deposits: number
  readonly found: number
}

/** Frames `first` to `first + count` of a scenario through the datapath. */
export function keptInFrames(
  detector: Detector,
  conditions: PhysicsConditions,
  {
    scenario,
    first,
    count,
  }: { readonly scenario: ScenarioName; readonly first: number; readonly count: number },
): FrameKept[] {
  const runner = new DatapathRunner(conditions)
  const collector = new PhysicsCollector()
  return Array.from({ length: count }, (_, i) => {
    const number = scenarios[scenario].first + first + i
    const frame = detector.frame(number, undefined, scenarios[scenario].population)
    const { areaDiscarded, outcomes, matches, regions } = collector.frame(
      frame,
      runner.frame(frame.pixels, number),
    )
    const lit = outcomes.filter((outcome) => outcome !== null)
    return {
      light: lit.reduce((sum, { adu }) => sum + adu, 0),
      kept: lit.reduce((sum, { adu, kept }) => sum + adu * kept, 0),
      areaDiscarded,
      regions: regions.length,
      falseRegions: matches!.filter(({ deposit }) => deposit === null).length,
      deposits: lit.length,
      found: lit.filter(({ found }) => found).length,
    }
  })
}

/** A scenario in numbers. */
export interface ScenarioResult {
  readonly frames: number
  /** Share of the light inside the regions: all light of all frames together, or the mean over frames with light. */
  readonly signalKept: number
  readonly signalKeptLightWeighted: number
  readonly signalKeptFrameMean: number
  readonly areaDiscarded: number
  readonly regionsPerFrame: number
  readonly falseRegions: number
  readonly deposits: number
  readonly found: number
}

/** `signalKept` is weighted with light for `lowEnergy`, the mean over frames else. */
export function summarizeScenario(scenario: ScenarioName, frames: readonly FrameKept[]): ScenarioResult {
  const sum = (value: (frame: FrameKept) => number, own = frames): number =>
    own.reduce((total, frame) => total + value(frame), 0)
  const lit = frames.filter(({ light }) => light > 0)
  const lightWeighted = sum(({ kept }) => kept) / sum(({ light }) => light)
  const frameMean = sum(({ kept, light }) => kept / light, lit) / lit.length
  return {
    frames: frames.length,
    signalKept: scenario === 'lowEnergy' ? lightWeighted : frameMean,
    signalKeptLightWeighted: lightWeighted,
    signalKeptFrameMean: frameMean,
    areaDiscarded: sum(({ areaDiscarded }) => areaDiscarded) / frames.length,
    regionsPerFrame: sum(({ regions }) => regions) / frames.length,
    falseRegions: sum(({ falseRegions }) => falseRegions),
    deposits: sum(({ deposits }) => deposits),
    found: sum(({ found }) => found),
  }
}
