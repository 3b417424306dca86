import type { Detector } from '../../sim/detector/index.ts'
import { type ConditionOptions, pedestalConditions } from '../../src/daq/conditions.ts'
import type { Pedestal } from '../../src/frame/pedestal.ts'
import { PedestalBuilder } from '../../src/frame/pedestal-builder.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'

/** What a pedestal run of one camera gives: plain data, which every thread can be handed. */
export interface PhysicsConditions {
  readonly pedestal: Pedestal
  /** One word per pixel of the sensor, see src/trigger/pedestal-words.ts. */
  readonly words: Uint32Array
  readonly settings: TriggerSettings
}

export interface ConditionsPlan {
  readonly pedestalFrames: number
  /** Further dark frames, for the thresholds. */
  readonly noiseFrames: number
  readonly calibration?: ConditionOptions
}

/** Pedestal, words and calibrated settings from dark frames of the detector, as a run makes them. */
export function physicsConditions(detector: Detector, plan: ConditionsPlan): PhysicsConditions {
  const { width, height } = detector.geometry
  const builder = new PedestalBuilder(width, height)
  for (let i = 0; i < plan.pedestalFrames; i++) builder.add(detector.pedestalFrame(i))
  const pedestal = builder.finish()
  const noise = Array.from({ length: plan.noiseFrames }, (_, i) =>
    detector.pedestalFrame(plan.pedestalFrames + i),
  )
  const conditions = pedestalConditions(pedestal, noise, 'pedestal run', plan.calibration)
  const { settings, pedestal: words } = conditions.forFrame(noise[0]!)
  return { pedestal, words, settings }
}
