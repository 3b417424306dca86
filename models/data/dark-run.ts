import type { Detector } from '../../sim/detector/index.ts'
import { PedestalBuilder } from '../../src/frame/index.ts'
import { calibrate } from '../../src/trigger/calibrate.ts'
import { chooseBinning } from '../../src/trigger/geometry.ts'
import { pedestalWords } from '../../src/trigger/pedestal-words.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'
import type { RecoilPlan } from './plan.ts'

/** What a pedestal run gives: the trigger's settings and its pedestal for whole frames. */
export interface DarkRun {
  readonly settings: TriggerSettings
  /** One word per pixel of the sensor, see src/trigger/pedestal-words.ts. */
  readonly words: Uint32Array
  /** Pixels that the pedestal masks. */
  readonly masked: number
}

/** The pedestal from dark frames and the thresholds from further ones, as in a real run. */
export function darkRun(detector: Detector, plan: RecoilPlan): DarkRun {
  const { width, height, pixelPitch, countsPerPhoton } = detector.geometry
  const builder = new PedestalBuilder(width, height)
  for (let i = 0; i < plan.pedestalFrames; i++) builder.add(detector.pedestalFrame(i))
  const pedestal = builder.finish()
  const words = pedestalWords(pedestal, width, height)
  const noise = Array.from(
    { length: plan.noiseFrames },
    (_, i) => detector.pedestalFrame(plan.pedestalFrames + i).pixels,
  )
  const binning = chooseBinning(width, height, pixelPitch)
  const settings = calibrate({ width, height, binning }, words, noise, {
    photoelectron: countsPerPhoton,
    // Below that of a run: fainter clusters are the harder part of the sample.
    sigmaHigh: 7,
    tileSigma: null,
  })
  return { settings, words, masked: pedestal.hot.reduce((sum, hot) => sum + hot, 0) }
}
