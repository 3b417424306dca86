import { Random } from '../../src/core/random.ts'

/** Values of `RecoilData.labels`, also the order of the scores. */
export const classNames = ['nuclear', 'electron', 'other'] as const

/** Features of one cluster. */
export const featureCount = 9

/** Labelled clusters. */
export interface RecoilData {
  /** `[n][9]`, as the datapath makes them. */
  readonly features: Int8Array
  /** `[n]`: 0 nuclear, 1 electron, 2 other. */
  readonly labels: Uint8Array
  /** `[n]`: electron-equivalent energy, for matching. */
  readonly keVee: Float32Array
}

/** @throws RangeError when the arrays do not belong together */
export function checkData(data: RecoilData): void {
  const n = data.labels.length
  if (n === 0 || data.features.length !== n * featureCount || data.keVee.length !== n)
    throw new RangeError(`${data.features.length} features, ${n} labels, ${data.keVee.length} energies`)
  if (data.labels.some((label) => label >= classNames.length))
    throw new RangeError('a label is not 0, 1 or 2')
}

/** The clusters at `rows`, in that order. */
export function selectRows(data: RecoilData, rows: ArrayLike<number>): RecoilData {
  const features = new Int8Array(rows.length * featureCount)
  const labels = new Uint8Array(rows.length)
  const keVee = new Float32Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * featureCount
    features.set(data.features.subarray(from, from + featureCount), i * featureCount)
    labels[i] = data.labels[rows[i]!]!
    keVee[i] = data.keVee[rows[i]!]!
  }
  return { features, labels, keVee }
}

/** A random order of 0 ... n-1 (Fisher-Yates). */
export function shuffledRows(n: number, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const swap = rows[i]!
    rows[i] = rows[j]!
    rows[j] = swap
  }
  return rows
}

/** Splits into parts of the given fractions, at random but repeatably; the last part takes the rest. */
export function splitData(data: RecoilData, fractions: readonly number[], seed: number): RecoilData[] {
  const rows = shuffledRows(data.labels.length, new Random(seed).fork('split'))
  let from = 0
  return [...fractions, 1].map((fraction, part) => {
    const to = part === fractions.length ? rows.length : from + Math.round(fraction * rows.length)
    const selected = selectRows(data, rows.subarray(from, to))
    from = to
    return selected
  })
}

/**
 * Weights that give every class the same total in every energy bin, mean 1, so that neither the abundance
 * nor the spectrum of a class teaches the network anything. A sparse bin counts for less: its clusters get
 * at most `cap` times the mean weight.
 * @param edges ascending keVee bin edges; below the first and above the last are bins too
 */
export function balancedWeights(data: RecoilData, edges: readonly number[], cap = 20): Float32Array {
  const n = data.labels.length
  const cell = Uint32Array.from({ length: n }, (_, i) => binOf(data.keVee[i]!, edges) * 3 + data.labels[i]!)
  const counts = new Float64Array((edges.length + 1) * 3)
  for (const c of cell) counts[c]!++
  const filled = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  return Float32Array.from(cell, (c) => Math.min(cap, n / (filled * counts[c]!)))
}

/** The bin of a value: 0 below the first edge, `edges.length` from the last edge on. */
export function binOf(value: number, edges: readonly number[]): number {
  let bin = 0
  while (bin < edges.length && value >= edges[bin]!) bin++
  return bin
}
