import type { RecoilSample } from '../data/sample.ts'
import type { StoredSample } from '../data/store.ts'
import { calibrationByEnergy, nuclearProbability } from './calibration.ts'
import {
  confusion,
  type Discriminants,
  type EnergyBin,
  scoreEnergyBins,
  scoreLightBins,
  scoreRange,
  scoreSpecies,
  scoreUnmatched,
} from './evaluate.ts'
import { accuracy, featureValues, nuclearMinusElectron, scoreEdges } from './score.ts'

const densityFeature = 2
const lengthFeature = 3
/** keVee bins of the confusion table. */
const confusionEdges = [0.5, 6, 20, 60, Number.POSITIVE_INFINITY] as const

/** Samples that took no part in training or in any choice. */
export interface TestSamples {
  /** Recoils anywhere in the drift volume. */
  readonly volume: StoredSample
  /** Recoils at one drift distance. */
  readonly fixedDrift: StoredSample
}

/** What is scored: functions from clusters to `[n][3]` scores (nuclear, electron, other). */
export interface Candidate {
  /** The shipped integers. */
  readonly quantized: (sample: RecoilSample) => ArrayLike<number>
  /** The same trained weights without rounding. */
  readonly float: (sample: RecoilSample) => ArrayLike<number>
  /** The same training in floating point, on recoils at the drift distance of `TestSamples.fixedDrift` alone. */
  readonly knowingDrift?: (sample: RecoilSample) => ArrayLike<number>
  /** The logit that one step of the integer scores stands for. */
  readonly unit: number
}

/** Where a report looks. */
export interface ScoreBins {
  /** keVee. */
  readonly edges: readonly number[]
  /** Measured light, log2 of ADU. */
  readonly lightOctaves: readonly number[]
}

export const defaultBins: ScoreBins = { edges: scoreEdges, lightOctaves: [10, 11, 12, 13, 14, 15, 16] }

/** The scores of a classifier as they stand on its card. */
export type ScoreReport = ReturnType<typeof makeScores>

/**
 * Scores a classifier, its float twin and two plain cuts on the test samples.
 * The names in every `figures` are 'classifier', 'float', 'density' and 'length' (plain cuts), in `fixedDrift` also 'knowingDrift'.
 */
export function makeScores(
  test: TestSamples,
  candidate: Candidate,
  { edges, lightOctaves }: ScoreBins = defaultBins,
) {
  const volume = scored(test.volume.sample, candidate)
  const fixedDrift = scored(test.fixedDrift.sample, candidate)
  const { knowingDrift } = candidate
  const twin = knowingDrift && { knowingDrift: nuclearMinusElectron(knowingDrift(fixedDrift.sample)) }
  const { sample, scores, discriminants } = volume
  const calibration = (of: Scored): ReturnType<typeof calibrationByEnergy> =>
    calibrationByEnergy(
      of.sample,
      of.discriminants.classifier.map((difference) => nuclearProbability(difference * candidate.unit)),
      edges,
    )
  return {
    accuracy: accuracy(scores, sample.labels),
    byEnergy: scoreEnergyBins(sample, discriminants, edges),
    fixedDrift: scoreEnergyBins(fixedDrift.sample, { ...fixedDrift.discriminants, ...twin }, edges),
    calibration: { volume: calibration(volume), fixedDrift: calibration(fixedDrift) },
    byLight: scoreLightBins(sample, discriminants, lightOctaves),
    species: scoreSpecies(sample, discriminants.classifier, edges),
    control: scoreRange(sample, discriminants, 8, 30),
    unmatched: scoreUnmatched(sample, discriminants),
    confusion: confusion(sample, scores, confusionEdges),
  }
}

interface Scored {
  readonly sample: RecoilSample
  readonly scores: ArrayLike<number>
  readonly discriminants: Discriminants & { readonly classifier: Float64Array }
}

function scored(sample: RecoilSample, { quantized, float }: Candidate): Scored {
  const scores = quantized(sample)
  return {
    sample,
    scores,
    discriminants: {
      classifier: nuclearMinusElectron(scores),
      density: featureValues(sample, densityFeature),
      // Nuclear recoils are shorter.
      length: featureValues(sample, lengthFeature).map((length) => -length),
      float: nuclearMinusElectron(float(sample)),
    },
  }
}

/** What a card says of a sample. */
export function describeSample({ sample, manifest }: StoredSample) {
  const { plan, thresholds, masked, efficiency } = manifest
  const { geometry, ...rest } = plan
  const clusters = [0, 1, 2].map((label) => sample.labels.filter((own) => own === label).length)
  const camera = { geometry: geometry.name, readNoise: geometry.readNoise }
  return { ...camera, ...rest, thresholds, masked, clusters, efficiency }
}

/** AUC and efficiency per bin, for the terminal. */
export function formatBins({ byEnergy, fixedDrift }: Pick<ScoreReport, 'byEnergy' | 'fixedDrift'>): string {
  const line = (sample: string, { lowKeVee, highKeVee, figures }: EnergyBin): string => {
    const { auc, efficiencyAt90 } = figures['classifier']!
    return (
      `${sample}, ${lowKeVee}-${highKeVee} keVee: AUC ${auc.value.toFixed(4)} ± ${auc.error.toFixed(4)} ` +
      `(float ${figures['float']!.auc.value.toFixed(4)}), NR efficiency at 90 % ER rejection ` +
      `${efficiencyAt90.efficiency.toFixed(3)} ± ${efficiencyAt90.error.toFixed(3)}\n`
    )
  }
  return [
    ...byEnergy.map((bin) => line('volume', bin)),
    ...fixedDrift.map((bin) => line('one drift', bin)),
  ].join('')
}

/** A report as JSON with one line per element of its lists; numbers to five significant digits. */
export function formatReport(report: object): string {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value)
      ? Number(value.toPrecision(5))
      : value
  const lines = Object.entries(report).map(([key, value]) => {
    const list = Array.isArray(value)
      ? `[\n${value.map((entry) => `    ${JSON.stringify(entry, short)}`).join(',\n')}\n  ]`
      : JSON.stringify(value, short)
    return `  ${JSON.stringify(key)}: ${list}`
  })
  return `{\n${lines.join(',\n')}\n}\n`
}
