import type { Camera } from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'
import type { PhysicsConditions } from './conditions.ts'
import { DatapathRunner } from './datapath-runner.ts'

/** Clusters of the datapath in frames without light: every one is a false region. */
export interface FalseRegions {
  readonly frames: number
  readonly regions: number
}

/** Dark exposures, numbers `first` to `first + count` of an endless series that follows from `seed`. */
export interface DarkSeries {
  readonly seed: number
  readonly first: number
  readonly count: number
}

/** Dark exposures of a camera, one after the other. */
export function* darkExposures(camera: Camera, { seed, first, count }: DarkSeries): Generator<Uint16Array> {
  for (let i = first; i < first + count; i++) yield camera.expose(new Random(seed).fork('dark', i))
}

/** False regions in dark exposures of `camera`, which need not be the one that the conditions were taken with. */
export function countFalseRegions(
  camera: Camera,
  conditions: PhysicsConditions,
  series: DarkSeries,
): FalseRegions {
  const runner = new DatapathRunner(conditions)
  let regions = 0
  for (const pixels of darkExposures(camera, series)) regions += runner.frame(pixels).clusters.length
  return { frames: series.count, regions }
}
