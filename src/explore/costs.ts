import type { Costs } from './front.ts'
import type { ClassifierPhysics, EnergyFigures, TriggerPhysics } from './study.ts'
import type { Estimate, Synthesis } from './tasks.ts'

/** The bin that decides: below it little can be told apart, above it everything can. */
export const decisiveBin = { lowKeVee: 10, highKeVee: 20 } as const

/** Costs of a classifier, in this order. */
export const costNames = [
  '1 - AUC at 10-20 keVee',
  'LUTs, those used as memory included',
  'multipliers and block RAMs',
  'clocks from features to scores',
] as const

/** Index of the LUTs among the costs. */
export const lutCost = 1

/** @throws RangeError when the study has no clusters in the bin */
export function decisiveFigures({ bins }: ClassifierPhysics): EnergyFigures {
  const { lowKeVee, highKeVee } = decisiveBin
  const found = bins.find((bin) => bin.lowKeVee === lowKeVee && bin.highKeVee === highKeVee)
  if (found === undefined) throw new RangeError(`no figures at ${lowKeVee}-${highKeVee} keVee`)
  return found
}

export function estimatedCosts(physics: ClassifierPhysics, estimate: Estimate): Costs {
  const { luts, dsps, brams, clocks } = estimate
  return [1 - decisiveFigures(physics).auc.value, luts, dsps + brams, clocks]
}

export function synthesizedCosts(
  physics: ClassifierPhysics,
  { clocks }: Estimate,
  { luts, lutRams, dsps, brams }: Synthesis,
): Costs {
  return [1 - decisiveFigures(physics).auc.value, luts + lutRams, dsps + brams, clocks]
}

/** False regions in an empty frame. */
export function falseRate({ falseRegions, emptyFrames }: TriggerPhysics): number {
  return falseRegions / emptyFrames
}

/** Costs of a trigger: energy of half efficiency, false regions per empty frame. */
export function triggerCosts(physics: TriggerPhysics): Costs {
  return [physics.keVeeAt50?.value ?? Number.POSITIVE_INFINITY, falseRate(physics)]
}
