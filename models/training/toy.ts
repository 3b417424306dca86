import { Random } from '../../src/core/random.ts'
import { featureCount, type RecoilData } from './data.ts'

/**
 * Made-up clusters for tests: nuclear recoils short and dense, electrons longer and fainter with energy,
 * others (sparks, noise) all over the place. Not a detector simulation; a real one is in sim/detector.
 */
export function toyRecoils(n: number, seed: number): RecoilData {
  const random = new Random(seed).fork('toy')
  const features = new Int8Array(n * featureCount)
  const labels = new Uint8Array(n)
  const keVee = new Float32Array(n)
  for (let i = 0; i < n; i++) {
    const label = random.integer(3)
    const energy = Math.exp(random.uniform() * 4)
    const logEnergy = Math.log(energy)
    const track = label === 0 ? 0.2 * logEnergy : label === 1 ? 0.9 * logEnergy : 1.5 * random.normal()
    const values = [
      logEnergy - 2,
      track - 1 + 0.4 * random.normal(),
      logEnergy - track + 0.3 * random.normal(),
      label === 2 ? random.normal() : 0.5 * random.normal() + 0.1 * track,
      track * (0.5 + 0.2 * random.normal()),
      0.3 * logEnergy + 0.3 * random.normal(),
      label === 2 ? 2 * random.normal() : 0.2 * random.normal(),
      random.normal(),
      (label === 0 ? 0.5 : 0) + 0.8 * random.normal(),
    ]
    values.forEach((value, f) => {
      features[i * featureCount + f] = Math.max(-128, Math.min(127, Math.round(value * 32)))
    })
    labels[i] = label
    keVee[i] = energy
  }
  return { features, labels, keVee }
}
