import { setImmediate } from 'node:timers/promises'
import type { Frame } from '../../src/frame/frame.ts'
import { Detector } from './detector.ts'
import type { DetectorGeometry } from './geometry.ts'
import { defaultPopulation, type Population } from './population.ts'
import type { DetectorSettings } from './settings.ts'

export interface SyntheticFramesOptions {
  readonly geometry: DetectorGeometry
  /** Number of frames. */
  readonly frames: number
  readonly seed: number
  /** Number of the first frame; default 0. */
  readonly first?: number
  readonly population?: Population
  readonly settings?: Partial<DetectorSettings>
}

/** Frames of a detector in order. Each is made when it is asked for; other work runs between two frames. */
export async function* syntheticFrames(
  options: SyntheticFramesOptions,
): AsyncGenerator<Frame, void, undefined> {
  const detector = new Detector(options.geometry, options.settings, options.seed)
  const first = options.first ?? 0
  for (let i = 0; i < options.frames; i++) {
    await setImmediate()
    yield detector.frame(first + i, undefined, options.population ?? defaultPopulation)
  }
}
