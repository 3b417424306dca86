import { auc, type Measured } from '../../src/compare/roc.ts'
import { particles, type RecoilSample } from '../data/sample.ts'
import { binOf, featureCount } from './data.ts'
import {
  countClasses,
  featureValues,
  figures,
  matchRows,
  type RocFigures,
  recoilRows,
  winnerOf,
} from './score.ts'

/** Numbers that tell nuclear (larger) from electron recoils, one per cluster, by name. */
export type Discriminants = Readonly<Record<string, ArrayLike<number>>>

/** The figures of several discriminants on the same clusters. */
export interface Scored {
  readonly nuclear: number
  readonly electron: number
  readonly figures: Readonly<Record<string, RocFigures>>
}

export interface EnergyBin extends Scored {
  readonly lowKeVee: number
  readonly highKeVee: number
  /** AUC of the true energy and of the measured light alone: what the bin leaks of the spectra. */
  readonly leak: { readonly keVee: Measured; readonly light: Measured }
  /** The same figures with equal counts in each of 16 slices of the bin: no spectrum left to learn. */
  readonly energyMatched: Scored
  /** The same with equal counts at each value of the light feature (1/16 octave). */
  readonly lightMatched: Scored
}

export interface LightBin extends Scored {
  /** Light of the cluster, ADU. */
  readonly lowAdu: number
  readonly highAdu: number
}

/** How often each class wins among the clusters of a particle. */
export interface ConfusionRow {
  readonly particle: string
  readonly lowKeVee: number
  readonly highKeVee: number
  readonly clusters: number
  /** Nuclear, electron, other. */
  readonly winners: readonly [number, number, number]
}

const lightFeature = 0
const slices = 16

/** Figures per true keVee bin, plain and with every trace of the spectrum taken out. */
export function scoreEnergyBins(
  data: RecoilSample,
  discriminants: Discriminants,
  edges: readonly number[],
): EnergyBin[] {
  const light = featureValues(data, lightFeature)
  return recoilRows(data, data.keVee, edges).map((rows, bin) => {
    const lowKeVee = edges[bin]!
    const highKeVee = edges[bin + 1]!
    const slice = (row: number): number =>
      Math.floor((slices * Math.log(data.keVee[row]! / lowKeVee)) / Math.log(highKeVee / lowKeVee))
    const scored = (own: readonly number[]): Scored => score(data, own, discriminants)
    const plain = (values: ArrayLike<number>): Measured => figures(data, rows, values).auc
    return {
      lowKeVee,
      highKeVee,
      ...scored(rows),
      leak: { keVee: plain(data.keVee), light: plain(light) },
      energyMatched: scored(matchRows(data, rows, slice)),
      lightMatched: scored(matchRows(data, rows, (row) => light[row]!)),
    }
  })
}

/** Figures per octave of measured light, spectra made equal at each value of it: what an experiment can do. */
export function scoreLightBins(
  data: RecoilSample,
  discriminants: Discriminants,
  octaves: readonly number[],
): LightBin[] {
  const light = featureValues(data, lightFeature)
  const edges = octaves.map((octave) => (octave - 14) * 16)
  return recoilRows(data, light, edges).map((rows, bin) => ({
    lowAdu: 2 ** octaves[bin]!,
    highAdu: 2 ** octaves[bin + 1]!,
    ...score(
      data,
      matchRows(data, rows, (row) => light[row]!),
      discriminants,
    ),
  }))
}

/** Figures of the recoils between two energies, keVee, as one bin. */
export function scoreRange(
  data: RecoilSample,
  discriminants: Discriminants,
  lowKeVee: number,
  highKeVee: number,
): Scored & { readonly lowKeVee: number; readonly highKeVee: number } {
  const [rows] = recoilRows(data, data.keVee, [lowKeVee, highKeVee]) as [number[]]
  return { lowKeVee, highKeVee, ...score(data, rows, discriminants) }
}

function score(data: RecoilSample, rows: readonly number[], discriminants: Discriminants): Scored {
  const [nuclear, electron] = countClasses(data, rows)
  const entries = Object.entries(discriminants).map(([name, values]) => [name, figures(data, rows, values)])
  return { nuclear, electron, figures: Object.fromEntries(entries) }
}

/** AUC of each recoil species against all electrons, per keVee bin. */
export function scoreSpecies(data: RecoilSample, discriminant: ArrayLike<number>, edges: readonly number[]) {
  return recoilRows(data, data.keVee, edges).map((rows, bin) => {
    const of = (name: string): number[] =>
      rows.filter((row) => particles[data.particles[row]!] === name).map((row) => discriminant[row]!)
    const electrons = of('electron')
    const entries = (['helium', 'carbon', 'fluorine'] as const).map((name) => [
      name,
      auc(of(name), electrons),
    ])
    return {
      lowKeVee: edges[bin]!,
      highKeVee: edges[bin + 1]!,
      auc: Object.fromEntries(entries) as Record<'helium' | 'carbon' | 'fluorine', Measured>,
    }
  })
}

/** Winning classes per particle and keVee bin; the last edge may be infinite. */
export function confusion(
  data: RecoilSample,
  scores: ArrayLike<number>,
  edges: readonly number[],
): ConfusionRow[] {
  const rows = particles.flatMap((particle) =>
    edges.slice(1).map((highKeVee, bin) => ({
      particle,
      lowKeVee: edges[bin]!,
      highKeVee,
      clusters: 0,
      winners: [0, 0, 0] as [number, number, number],
    })),
  )
  data.particles.forEach((particle, i) => {
    const bin = binOf(data.keVee[i]!, edges) - 1
    const row = bin < 0 ? undefined : rows[particle * (edges.length - 1) + bin]
    if (row === undefined || bin >= edges.length - 1) return
    row.clusters++
    row.winners[winnerOf(scores, i)]++
  })
  return rows.filter(({ clusters }) => clusters > 0)
}

/**
 * The figures that a benchmark with unequal spectra would give: all nuclear recoils of 1 to 60 keVee against electrons
 * around the 5.9 keV line, as in LEMON's AmBe against 55Fe (arXiv 2007.12508). Mostly an energy cut.
 */
export function scoreUnmatched(data: RecoilSample, discriminants: Discriminants): Scored {
  const rows = Array.from(data.labels.keys()).filter((row) => {
    const keVee = data.keVee[row]!
    return data.labels[row] === 0
      ? keVee >= 1 && keVee < 60
      : data.labels[row] === 1 && keVee >= 5 && keVee < 7
  })
  return score(data, rows, discriminants)
}

/** Fraction of clusters at which each feature stands at an end of int8, and its middle 98 %. */
export function featureUse(data: RecoilSample) {
  return Array.from({ length: featureCount }, (_, feature) => {
    const values = featureValues(data, feature).sort()
    const at = (fraction: number): number => values[Math.floor(fraction * (values.length - 1))]!
    const low = values.filter((v) => v === -128).length / values.length
    const high = values.filter((v) => v === 127).length / values.length
    return { feature, low: at(0.01), median: at(0.5), high: at(0.99), saturatedLow: low, saturatedHigh: high }
  })
}
