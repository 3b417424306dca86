import type { Costs } from './front.ts'
import type { ClassifierPhysics, EnergyFigures, TriggerPhysics } from './study.ts'
import type { Estimate, Synthesis } from './tasks.ts'

/** The bin that decides: below it little can be told apart, above it everything can. */
export const decisiveBin = { lowKeVee: 10, highKeVee: 20 } as const

/** Bins whose AUC is a cost each, keVee: below 6 nothing can be told apart. */
const scoredBins = [
  [6, 10],
  [decisiveBin.lowKeVee, decisiveBin.highKeVee],
  [20, 40],
] as const

/** Costs of a classifier, in this order. */
export const costNames = [
  ...scoredBins.map(([low, high]) => `1 - AUC at ${low}-${high} keVee`),
  'LUTs, those used as memory included',
  'multipliers and block RAMs',
  'clocks from features to scores',
]

/** Index of the LUTs among the costs. */
export const lutCost = scoredBins.length

/** @throws RangeError when the study has no clusters in the bin */
export function decisiveFigures(physics: ClassifierPhysics): EnergyFigures {
  return figuresIn(physics, decisiveBin.lowKeVee, decisiveBin.highKeVee)
}

function figuresIn({ bins }: ClassifierPhysics, low: number, high: number): EnergyFigures {
  const found = bins.find(({ lowKeVee, highKeVee }) => lowKeVee === low && highKeVee === high)
  if (found === undefined) throw new RangeError(`no figures at ${low}-${high} keVee`)
  return found
}

function losses(physics: ClassifierPhysics): number[] {
  return scoredBins.map(([low, high]) => 1 - figuresIn(physics, low, high).auc.value)
}

export function estimatedCosts(physics: ClassifierPhysics, estimate: Estimate): Costs {
  const { luts, dsps, brams, clocks } = estimate
  return [...losses(physics), luts, dsps + brams, clocks]
}

export function synthesizedCosts(
  physics: ClassifierPhysics,
  { clocks }: Estimate,
  { luts, lutRams, dsps, brams }: Synthesis,
): Costs {
  return [...losses(physics), luts + lutRams, dsps + brams, clocks]
}

/** False regions in an empty frame. */
export function falseRate({ falseRegions, emptyFrames }: TriggerPhysics): number {
  return falseRegions / emptyFrames
}

/** Costs of a trigger: energy of half efficiency, false regions per empty frame. */
export function triggerCosts(physics: TriggerPhysics): Costs {
  return [physics.keVeeAt50?.value ?? Number.POSITIVE_INFINITY, falseRate(physics)]
}
