import { Detector, geometries, matchedPopulation } from '../../sim/detector/index.ts'
import { pedestalConditions } from '../../src/daq/conditions.ts'
import type { Configuration } from '../../src/device/frame-loader.ts'
import type { Frame } from '../../src/frame/frame.ts'
import { PedestalBuilder } from '../../src/frame/pedestal-builder.ts'

/** A few small synthetic frames and the configuration that belongs to them. */
export function smallRun(
  frames = 4,
  seed = 1,
): { frames: Frame[]; configuration: Configuration; detector: Detector } {
  const detector = new Detector(geometries.test256, {}, seed)
  const builder = new PedestalBuilder(256, 256)
  const dark = Array.from({ length: 12 }, (_, i) => detector.pedestalFrame(i))
  for (const frame of dark) builder.add(frame)
  const population = matchedPopulation({ meanDeposits: 3, from: 3, to: 40 })
  const taken = Array.from({ length: frames }, (_, i) => detector.frame(i, undefined, population))
  const conditions = pedestalConditions(builder.finish(), dark, 'test')
  return { frames: taken, configuration: conditions.forFrame(taken[0]!), detector }
}
