import type { RecoilData } from './data.ts'
import { recoilRows } from './score.ts'

/** Recoils to which a classifier gives about the same probability. */
export interface ReliabilityBin {
  readonly recoils: number
  /** Mean probability that they are nuclear, by the classifier. */
  readonly claimed: number
  /** The fraction that is, and its standard error (binomial, with one success and one failure added). */
  readonly nuclear: number
  readonly error: number
}

/** How far the probabilities of a classifier can be believed at one energy. */
export interface Calibration {
  readonly lowKeVee: number
  readonly highKeVee: number
  readonly bins: readonly ReliabilityBin[]
  /** Mean of |claimed - nuclear| over all recoils of the bins (expected calibration error, arXiv:1706.04599). */
  readonly error: number
}

/**
 * The probability that a recoil is nuclear, when both kinds are equally frequent.
 * @param difference nuclear minus electron score, in units of the logits
 */
export function nuclearProbability(difference: number): number {
  return 1 / (1 + Math.exp(-difference))
}

/**
 * Reliability curves per keVee bin, in `parts` bins of equal width in probability; empty ones are left out.
 * @param probability of each cluster, 0 ... 1
 */
export function calibrationByEnergy(
  data: RecoilData,
  probability: ArrayLike<number>,
  edges: readonly number[],
  parts = 10,
): Calibration[] {
  return recoilRows(data, data.keVee, edges).map((rows, bin) => {
    const groups = Array.from({ length: parts }, (): number[] => [])
    for (const row of rows) groups[Math.min(parts - 1, Math.floor(parts * probability[row]!))]!.push(row)
    const bins = groups
      .filter((group) => group.length > 0)
      .map((group) => reliability(data, group, probability))
    const distance = bins.reduce(
      (sum, { recoils, claimed, nuclear }) => sum + recoils * Math.abs(claimed - nuclear),
      0,
    )
    return {
      lowKeVee: edges[bin]!,
      highKeVee: edges[bin + 1]!,
      bins,
      error: distance / Math.max(1, rows.length),
    }
  })
}

function reliability(
  data: RecoilData,
  rows: readonly number[],
  probability: ArrayLike<number>,
): ReliabilityBin {
  const recoils = rows.length
  const claimed = rows.reduce((sum, row) => sum + probability[row]!, 0) / recoils
  const count = rows.filter((row) => data.labels[row] === 0).length
  const share = (count + 1) / (recoils + 2)
  return {
    recoils,
    claimed,
    nuclear: count / recoils,
    error: Math.sqrt((share * (1 - share)) / (recoils + 2)),
  }
}
