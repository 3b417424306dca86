import { auc, efficiencyAtRejection, type Measured, type WorkingPoint } from '../../src/compare/roc.ts'
import { evaluateGraph, type IntegerGraph } from '../../src/network/index.ts'
import { binOf, featureCount, type RecoilData } from './data.ts'

/**
 * The bins of every table and of `gemgate bench physics`, keVee. Below 6 keVee a recoil is shorter than what diffusion
 * makes of a point.
 */
export const scoreEdges = [0.5, 2, 6, 10, 20, 40, 60] as const

/** How well a number tells nuclear (larger) from electron recoils. */
export interface RocFigures {
  readonly auc: Measured
  /** Nuclear recoils kept where 90, 99 and 99.9 % of the electrons of the same sample are rejected. */
  readonly efficiencyAt90: WorkingPoint
  readonly efficiencyAt99: WorkingPoint
  readonly efficiencyAt999: WorkingPoint
}

/** Nuclear against electron recoils of like energy. */
export interface EnergyBinScore extends RocFigures {
  readonly lowKeVee: number
  readonly highKeVee: number
  readonly nuclear: number
  readonly electron: number
}

/** Raw scores, `[n][3]`: nuclear, electron, other. */
export function scoreAll(graph: IntegerGraph, data: RecoilData): Int16Array {
  const scores = new Int16Array(data.labels.length * 3)
  for (let row = 0; row < data.labels.length; row++) {
    const features = data.features.subarray(row * featureCount, (row + 1) * featureCount)
    scores.set(evaluateGraph(graph, [features])[0]!, row * 3)
  }
  return scores
}

/** The discriminant of each cluster: nuclear score minus electron score. */
export function nuclearMinusElectron(scores: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: scores.length / 3 }, (_, i) => scores[3 * i]! - scores[3 * i + 1]!)
}

/** One feature of each cluster as a discriminant. */
export function featureValues(data: RecoilData, feature: number): Float64Array {
  return Float64Array.from(data.labels, (_, i) => data.features[i * featureCount + feature]!)
}

/** The class with the largest score, the first one on a tie, as in the event packet. */
export function winnerOf(scores: ArrayLike<number>, row: number): 0 | 1 | 2 {
  const [nuclear, electron, other] = [scores[3 * row]!, scores[3 * row + 1]!, scores[3 * row + 2]!]
  if (nuclear >= electron && nuclear >= other) return 0
  return electron >= other ? 1 : 2
}

/** Fraction of clusters whose largest score is their class. */
export function accuracy(scores: ArrayLike<number>, labels: Uint8Array): number {
  return (
    labels.reduce((right, label, i) => right + (winnerOf(scores, i) === label ? 1 : 0), 0) / labels.length
  )
}

/** Figures of a discriminant between the nuclear and the electron recoils among `rows`. */
export function figures(
  data: RecoilData,
  rows: readonly number[],
  discriminant: ArrayLike<number>,
): RocFigures {
  const [nuclear, electron] = [0, 1].map((label) =>
    rows.filter((row) => data.labels[row] === label).map((row) => discriminant[row]!),
  ) as [number[], number[]]
  return {
    auc: auc(nuclear, electron),
    efficiencyAt90: efficiencyAtRejection(nuclear, electron, 0.9),
    efficiencyAt99: efficiencyAtRejection(nuclear, electron, 0.99),
    efficiencyAt999: efficiencyAtRejection(nuclear, electron, 0.999),
  }
}

/** Rows of each bin of `values`; n edges make n - 1 bins. Rows of class 'other' are left out. */
export function recoilRows(
  data: RecoilData,
  values: ArrayLike<number>,
  edges: readonly number[],
): number[][] {
  const bins: number[][] = edges.slice(1).map(() => [])
  data.labels.forEach((label, row) => {
    if (label < 2) bins[binOf(values[row]!, edges) - 1]?.push(row)
  })
  return bins
}

/** Nuclear and electron recoils among `rows`. */
export function countClasses(data: RecoilData, rows: readonly number[]): [nuclear: number, electron: number] {
  const nuclear = rows.filter((row) => data.labels[row] === 0).length
  return [nuclear, rows.length - nuclear]
}

/**
 * ROC figures per keVee bin; bins with fewer than `least` of either class are left out.
 * @param edges ascending; n edges make n - 1 bins
 */
export function scoreByEnergy(
  data: RecoilData,
  discriminant: ArrayLike<number>,
  edges: readonly number[],
  least = 30,
): EnergyBinScore[] {
  return recoilRows(data, data.keVee, edges).flatMap((rows, bin) => {
    const [nuclear, electron] = countClasses(data, rows)
    if (Math.min(nuclear, electron) < least) return []
    const range = { lowKeVee: edges[bin]!, highKeVee: edges[bin + 1]! }
    return [{ ...range, nuclear, electron, ...figures(data, rows, discriminant) }]
  })
}

/**
 * As many nuclear as electron recoils in every `cell` (any whole number): the first ones of each. What is left has
 * the same spectrum of cells in both classes.
 */
export function matchRows(
  data: RecoilData,
  rows: readonly number[],
  cell: (row: number) => number,
): number[] {
  const cells = new Map<number, [number[], number[]]>()
  for (const row of rows) {
    const key = cell(row)
    const lists = cells.get(key) ?? [[], []]
    cells.set(key, lists)
    lists[data.labels[row] as 0 | 1].push(row)
  }
  return [...cells.values()].flatMap(([nuclear, electron]) => {
    const pairs = Math.min(nuclear.length, electron.length)
    return [...nuclear.slice(0, pairs), ...electron.slice(0, pairs)]
  })
}
