import { Detector, type GeometryName, geometries } from '../../sim/detector/index.ts'
import type { PhysicsConditions } from './conditions.ts'

/** What a thread is started with. */
export interface ThreadContext {
  readonly geometry: GeometryName
  /** Seed of the detector: its camera and its frames. */
  readonly seed: number
  readonly conditions: PhysicsConditions
}

/** The detector of the benchmark and what was calibrated with it. */
export interface BenchContext {
  readonly detector: Detector
  readonly conditions: PhysicsConditions
}

export function openContext({ geometry, seed, conditions }: ThreadContext): BenchContext {
  return { detector: new Detector(geometries[geometry], {}, seed), conditions }
}
