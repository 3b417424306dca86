import type { Random } from '../../src/core/random.ts'
import { absorptionLength, driftSpread, extractionEfficiency, gemGain, gemSpread, pairEnergy } from './gas.ts'
import type { DetectorSettings } from './settings.ts'
import type { Segment } from './track.ts'

/** Numbers per cloud: x, y, z of its centre, transverse and longitudinal sigma (all mm), electrons in it. */
export const cloudFields = 6

/** Gaussian clouds of electrons in front of GEM3, `cloudFields` numbers each, in one flat growing array. */
export class Clouds {
  data = new Float64Array(cloudFields * 256)
  count = 0

  clear(): void {
    this.count = 0
  }

  add(x: number, y: number, z: number, transverse: number, longitudinal: number, electrons: number): void {
    const at = this.count * cloudFields
    if (at === this.data.length) {
      const larger = new Float64Array(this.data.length * 2)
      larger.set(this.data)
      this.data = larger
    }
    this.data[at] = x
    this.data[at + 1] = y
    this.data[at + 2] = z
    this.data[at + 3] = transverse
    this.data[at + 4] = longitudinal
    this.data[at + 5] = electrons
    this.count++
  }
}

/**
 * Drift and the first two GEMs (domain steps 1 to 4): primaries are Poisson and lost on the way, each starts an
 * exponential avalanche in GEM1, GEM2 only multiplies. With `explicit` every primary drifts to its own place and its
 * avalanche spreads by the GEMs alone, which keeps the lumpiness of faint spots; otherwise the segment is one cloud. Lumps saturate GEM3 more: 5.9 keV gives
 * 3 to 5 % less light than the smooth cloud beyond 20 cm of drift.
 */
export function amplify(
  segments: readonly Segment[],
  driftLength: number,
  explicit: boolean,
  settings: DetectorSettings,
  random: Random,
  clouds: Clouds,
): void {
  const gain = (gemGain(settings.voltage) * extractionEfficiency(settings.voltage)) ** 2
  for (const segment of segments) {
    const z = segment.z / 10
    if (z < 0 || z > driftLength) continue
    const n = random.poisson((segment.energy / pairEnergy) * Math.exp(-z / absorptionLength))
    if (n === 0) continue
    const drift = driftSpread(z, settings.driftField)
    if (explicit) {
      for (let i = 0; i < n; i++) {
        clouds.add(
          segment.x + drift.transverse * random.normal(),
          segment.y + drift.transverse * random.normal(),
          segment.z + drift.longitudinal * random.normal(),
          gemSpread.transverse,
          gemSpread.longitudinal,
          gain * random.exponential(),
        )
      }
    } else {
      const transverse = Math.hypot(drift.transverse, gemSpread.transverse)
      const longitudinal = Math.hypot(drift.longitudinal, gemSpread.longitudinal)
      clouds.add(segment.x, segment.y, segment.z, transverse, longitudinal, gain * random.gamma(n))
    }
  }
}
