import type { Detector } from '../../sim/detector/index.ts'
import { quantile } from '../../src/compare/quantile.ts'
import { referenceChain } from '../../src/compare/reference/chain.ts'
import { noiseMapsFromWords } from '../../src/compare/reference/residual.ts'
import { referenceSettingsFor } from '../../src/compare/reference/settings.ts'
import type { PhysicsConditions } from './conditions.ts'
import { darkExposures } from './empty-frames.ts'

/** CYGNO's offline chain on frames without light. */
export interface ReferenceTiming {
  readonly frames: number
  readonly msPerFrame: number
  readonly falseClustersPerEmptyFrame: number
}

/** Median time and clusters per dark frame of the series `seed`. */
export function measureReferenceChain(
  { camera, geometry }: Detector,
  { words }: PhysicsConditions,
  seed: number,
  frames: number,
): ReferenceTiming {
  const { width, height } = geometry
  const noise = noiseMapsFromWords(words, width, height)
  const settings = referenceSettingsFor({ height, truth: { deposits: [] } })
  const events = Array.from(darkExposures(camera, { seed, first: 0, count: frames }), (pixels) =>
    referenceChain({ pixels, width, height, source: 'dark frame' }, noise, settings),
  )
  return {
    frames,
    msPerFrame: quantile(
      events.map(({ milliseconds }) => milliseconds),
      0.5,
    )!,
    falseClustersPerEmptyFrame: events.reduce((sum, { clusters }) => sum + clusters.length, 0) / frames,
  }
}
