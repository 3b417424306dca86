import { type Particle, recoilClass } from '../../src/frame/truth.ts'
import type { Cluster } from '../../src/trigger/event-packet.ts'
import { classNames, featureCount, type RecoilData } from '../training/data.ts'
import { cropSize } from './macro-crop.ts'

/** Values of `RecoilSample.particles`. */
export const particles = ['electron', 'helium', 'carbon', 'fluorine', 'alpha', 'muon'] as const

/**
 * Labelled clusters with what made them: of a recoil the one with most of its light, of an alpha or a muon (which
 * falls into a few) every one, for each is classified. Their `keVee` is what they hold of the deposit's energy.
 */
export interface RecoilSample extends RecoilData {
  /** `[n]`: index in `particles`. */
  readonly particles: Uint8Array
  /** `[n]`: light yield relative to nominal. */
  readonly gains: Float32Array
  /** `[n]`: drift distance of the vertex, cm. */
  readonly z: Float32Array
  /** `[n]`: light of the cluster as measured, ADU. */
  readonly sums: Float32Array
  /** `[n][32][32]`: macro-pixel contents around the cluster's centre, ADU, see `macroCrop`. */
  readonly crops: Int16Array
}

/** One labelled cluster. */
export interface Found {
  readonly cluster: Cluster
  readonly crop: Int16Array
  readonly particle: Particle
  readonly keVee: number
  readonly gain: number
  readonly z: number
}

/** Clusters side by side in arrays. */
export function toSample(found: readonly Found[]): RecoilSample {
  const features = new Int8Array(found.length * featureCount)
  const crops = new Int16Array(found.length * cropSize)
  found.forEach(({ cluster, crop }, i) => {
    features.set(cluster.features, i * featureCount)
    crops.set(crop, i * cropSize)
  })
  return {
    features,
    labels: Uint8Array.from(found, ({ particle }) => classNames.indexOf(recoilClass(particle))),
    keVee: Float32Array.from(found, ({ keVee }) => keVee),
    particles: Uint8Array.from(found, ({ particle }) => particles.indexOf(particle)),
    gains: Float32Array.from(found, ({ gain }) => gain),
    z: Float32Array.from(found, ({ z }) => z),
    sums: Float32Array.from(found, ({ cluster }) => cluster.sum),
    crops,
  }
}
