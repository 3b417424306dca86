import type { BoostingOptions } from './boost-trees.ts'
import type { TrainingOptions } from './train.ts'

/**
 * keVee bins in which the classes are balanced, each with the same weight: one below 6 keVee, where nothing tells the
 * classes apart, most between 6 and 20 keVee, where learning is hard and rewarded.
 */
const energyEdges = [0.5, 6, 7, 8, 9, 10, 11.5, 13, 15, 17, 20, 30, 60] as const

/** How the shipped network is trained. */
export const shippedTraining = {
  seed: 1,
  hidden: [10, 7],
  epochs: 60,
  batch: 128,
  rate: 0.01,
  inputExponent: -5,
  energyEdges,
} as const satisfies TrainingOptions

/** How the shipped trees are trained. */
export const shippedTrees = {
  seed: 1,
  rounds: 60,
  depth: 4,
  rate: 0.2,
  leafExponent: -6,
  ridge: 10,
  leastCurvature: 60,
  share: 0.7,
  energyEdges,
} as const satisfies BoostingOptions
