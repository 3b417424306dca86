import { physicsConditions } from '../bench/physics/conditions.ts'
import { countFound, datapathFinder } from '../bench/physics/efficiency.ts'
import { countFalseRegions } from '../bench/physics/empty-frames.ts'
import { energyAt } from '../bench/physics/threshold-fit.ts'
import { Detector, geometries } from '../sim/detector/index.ts'
import type { TriggerChoice } from '../src/explore/settings.ts'
import { modulesBehind, sourceHash } from '../src/explore/source-hash.ts'
import type { Basis, Figure, TriggerPhysics } from '../src/explore/study.ts'

/** Of the benchmark's camera and deposits, which nothing is chosen by, these are independent. */
const seeds = { detector: 7001, dark: 7101, deposits: 7121 } as const

/** Around the energies of half and nine tenths efficiency, keVee. */
const energies = [0.07, 0.09, 0.11, 0.13, 0.16, 0.2, 0.24, 0.28, 0.33, 0.4] as const

/** Measures the trigger of LIME: electrons near the centre at 25 cm drift, and empty frames. */
export class TriggerMeter {
  readonly #depositsPerEnergy: number
  readonly #emptyFrames: number
  #detector: Detector | undefined

  constructor(quick: boolean) {
    this.#depositsPerEnergy = quick ? 12 : 120
    this.#emptyFrames = quick ? 10 : 100
  }

  get basis(): Basis {
    const facts = {
      'electrons for each energy and trigger': this.#depositsPerEnergy,
      'empty frames for each trigger': this.#emptyFrames,
      'seed of the camera of triggers': seeds.detector,
    }
    return { identity: `${sourceHash(modulesBehind(import.meta.url))} ${JSON.stringify(facts)}`, facts }
  }

  measure({ binning, sigmaHigh, pixels }: TriggerChoice): TriggerPhysics {
    this.#detector ??= new Detector(geometries.lime, {}, seeds.detector)
    const detector = this.#detector
    const conditions = physicsConditions(detector, {
      pedestalFrames: 40,
      noiseFrames: 8,
      calibration: {
        binning,
        sigmaHigh,
        tileSigma: null,
        photoelectron: pixels === 'likelihood' ? geometries.lime.countsPerPhoton : null,
        ...(typeof pixels === 'number' ? { zeroSuppression: pixels } : {}),
      },
    })
    const finder = datapathFinder(conditions)
    const points = energies.map(
      (keVee) =>
        countFound(
          detector,
          { seed: seeds.deposits, placement: 'centre', keVee, first: 0, count: this.#depositsPerEnergy },
          [finder],
        )[0]!,
    )
    const { frames, regions } = countFalseRegions(detector.camera, conditions, {
      seed: seeds.dark,
      first: 0,
      count: this.#emptyFrames,
    })
    const at = (efficiency: number): Figure | null => {
      const found = energyAt(points, efficiency)
      return found === null ? null : { value: found.keVee, error: found.error }
    }
    return { keVeeAt50: at(0.5), keVeeAt90: at(0.9), emptyFrames: frames, falseRegions: regions }
  }
}
