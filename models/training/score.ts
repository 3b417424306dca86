import { auc, efficiencyAtRejection, type Measured, type WorkingPoint } from '../../src/compare/roc.ts'
import { evaluateBatch, type IntegerNetwork } from '../../src/network/index.ts'
import { binOf, type RecoilData } from './data.ts'

/** Nuclear against electron recoils of like energy. */
export interface EnergyBinScore {
  readonly lowKeVee: number
  readonly highKeVee: number
  readonly nuclear: number
  readonly electron: number
  readonly auc: Measured
  readonly efficiencyAt90: WorkingPoint
  readonly efficiencyAt99: WorkingPoint
}

/** Raw scores, `[n][3]`: nuclear, electron, other. */
export function scoreAll(network: IntegerNetwork, data: RecoilData): Int16Array {
  const scores = new Int16Array(data.labels.length * network.outputs)
  evaluateBatch(network, data.features, data.labels.length, scores)
  return scores
}

/** The discriminant of each cluster: nuclear score minus electron score. */
export function nuclearMinusElectron(scores: Int16Array): Int32Array {
  return Int32Array.from({ length: scores.length / 3 }, (_, i) => scores[3 * i]! - scores[3 * i + 1]!)
}

/** Fraction of clusters whose largest score is their class. */
export function accuracy(scores: Int16Array, labels: Uint8Array): number {
  let right = 0
  labels.forEach((label, i) => {
    const own = scores[3 * i + label]!
    if (own >= Math.max(scores[3 * i]!, scores[3 * i + 1]!, scores[3 * i + 2]!)) right++
  })
  return right / labels.length
}

/**
 * ROC figures per keVee bin; bins with fewer than `least` of either class are left out.
 * @param edges ascending; n edges make n - 1 bins
 */
export function scoreByEnergy(
  data: RecoilData,
  discriminant: Int32Array,
  edges: readonly number[],
  least = 30,
): EnergyBinScore[] {
  const bins = edges.slice(1).map(() => [[], []] as [number[], number[]])
  data.labels.forEach((label, i) => {
    if (label < 2) bins[binOf(data.keVee[i]!, edges) - 1]?.[label as 0 | 1].push(discriminant[i]!)
  })
  return bins.flatMap(([nuclear, electron], bin) => {
    if (nuclear.length < least || electron.length < least) return []
    return {
      lowKeVee: edges[bin]!,
      highKeVee: edges[bin + 1]!,
      nuclear: nuclear.length,
      electron: electron.length,
      auc: auc(nuclear, electron),
      efficiencyAt90: efficiencyAtRejection(nuclear, electron, 0.9),
      efficiencyAt99: efficiencyAtRejection(nuclear, electron, 0.99),
    }
  })
}
