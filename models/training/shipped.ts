import type { TrainingOptions } from './train.ts'

/**
 * How the shipped classifier is trained. The classes are balanced below 8 keVee as a whole and in four bins above:
 * below, nothing tells them apart, and five bins of it would mostly add noise to the gradients.
 */
export const shippedTraining = {
  seed: 1,
  hidden: [10, 7],
  epochs: 60,
  batch: 256,
  rate: 0.01,
  inputExponent: -5,
  energyEdges: [0.5, 8, 12, 20, 35, 60],
} as const satisfies TrainingOptions
