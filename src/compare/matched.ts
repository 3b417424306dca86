import { binOf } from './efficiency.ts'
import type { Measured } from './roc.ts'

/** One classified recoil: the score (larger is more nuclear) and the true energy. */
export interface ScoredRecoil {
  readonly score: number
  readonly keVee: number
}

/** Nuclear against electron recoils at equal energy. */
export interface MatchedRoc {
  readonly auc: Measured
  /**
   * Efficiency of nuclear recoils, mean over the bins at equal rejection of electron recoils: a threshold that
   * follows the energy. The area under it is `auc`.
   */
  readonly curve: readonly CurvePoint[]
  /** Recoils in the bins that could be used. */
  readonly nuclear: number
  readonly electron: number
  readonly bins: readonly MatchedBin[]
}

export interface CurvePoint {
  readonly efficiency: number
  readonly rejection: number
}

export interface MatchedBin {
  readonly fromKeV: number
  readonly toKeV: number
  readonly nuclear: number
  readonly electron: number
  readonly auc: number
}

/** keVee; narrower than the bins of the cards, for in a comparison the spectra are whatever was simulated. */
export const matchedEdges: readonly number[] = [0.5, 1, 2, 3, 5, 8, 12, 20, 35, 60]

/** Fewer recoils of a class than this in usable bins, and there is no matched AUC. */
export const minimumPerClass = 5

interface Weighted extends ScoredRecoil {
  readonly weight: number
}

interface Bin extends MatchedBin {
  readonly signal: readonly Weighted[]
  readonly background: readonly Weighted[]
  readonly weight: number
  readonly variance: number
}

/**
 * AUC of nuclear against electron recoils that energy cannot win. Pairs are formed inside energy bins only;
 * inside a bin the recoils are weighted by exp(-+lambda ln E) such that both classes have the same mean
 * ln E; a bin where the energies of the two classes do not overlap has no such weights and is left out. Bins
 * are combined by n1 n2 / (n1 + n2) of the effective counts. Null below `minimumPerClass`.
 *
 * The error is DeLong's with weights, and at least that of Hanley & McNeil
 * (doi:10.1148/radiology.143.1.7063747) for the effective counts, so that a small sample without a wrong pair
 * does not claim certainty.
 */
export function matchedRoc(
  nuclear: readonly ScoredRecoil[],
  electron: readonly ScoredRecoil[],
  edges: readonly number[] = matchedEdges,
): MatchedRoc | null {
  const bins = edges.slice(1).flatMap((_, i) => {
    const inBin = (r: ScoredRecoil): boolean => binOf(edges, r.keVee) === i
    return matchedBin(nuclear.filter(inBin), electron.filter(inBin), edges[i]!, edges[i + 1]!)
  })
  const count = (key: 'nuclear' | 'electron'): number => bins.reduce((sum, bin) => sum + bin[key], 0)
  if (Math.min(count('nuclear'), count('electron')) < minimumPerClass) return null
  const total = bins.reduce((sum, bin) => sum + bin.weight, 0)
  const value = bins.reduce((sum, bin) => sum + bin.weight * bin.auc, 0) / total
  const deLong = Math.sqrt(bins.reduce((sum, bin) => sum + bin.weight ** 2 * bin.variance, 0)) / total
  const floor = Math.sqrt(smallSampleVariance(bins, value))
  return {
    auc: { value, error: Math.max(deLong, floor) },
    curve: averageCurve(bins),
    nuclear: count('nuclear'),
    electron: count('electron'),
    bins: bins.map(({ fromKeV, toKeV, nuclear: n, electron: e, auc }) => ({
      fromKeV,
      toKeV,
      nuclear: n,
      electron: e,
      auc,
    })),
  }
}

function matchedBin(s: ScoredRecoil[], b: ScoredRecoil[], fromKeV: number, toKeV: number): Bin[] {
  const lambda = s.length === 0 || b.length === 0 ? null : tilt(s.map(logEnergy), b.map(logEnergy))
  if (lambda === null) return []
  const signal = weigh(s, -lambda)
  const background = weigh(b, lambda)
  const perSignal = signal.map((p) => sumOf(background, (q) => q.weight * order(p, q)))
  const perBackground = background.map((q) => sumOf(signal, (p) => p.weight * order(p, q)))
  const auc = sumOf(signal, (p, i) => p.weight * perSignal[i]!)
  const spread = (side: readonly Weighted[], mean: readonly number[]): number =>
    side.length < 2
      ? 0
      : (sumOf(side, (r, i) => (r.weight * (mean[i]! - auc)) ** 2) * side.length) / (side.length - 1)
  const [n, m] = [effectiveCount(signal), effectiveCount(background)]
  return [
    {
      fromKeV,
      toKeV,
      nuclear: s.length,
      electron: b.length,
      auc,
      signal,
      background,
      weight: (n * m) / (n + m),
      variance: spread(signal, perSignal) + spread(background, perBackground),
    },
  ]
}

function logEnergy(recoil: ScoredRecoil): number {
  return Math.log(recoil.keVee)
}

function order(p: ScoredRecoil, q: ScoredRecoil): number {
  return p.score > q.score ? 1 : p.score === q.score ? 0.5 : 0
}

function sumOf<T>(values: readonly T[], f: (value: T, index: number) => number): number {
  return values.reduce((sum, value, i) => sum + f(value, i), 0)
}

/** Weights exp(lambda ln E), summing to 1. */
function weigh(recoils: readonly ScoredRecoil[], lambda: number): Weighted[] {
  const centre = sumOf(recoils, logEnergy) / recoils.length
  const raw = recoils.map((r) => Math.exp(lambda * (logEnergy(r) - centre)))
  const total = sumOf(raw, (w) => w)
  return recoils.map((r, i) => ({ ...r, weight: raw[i]! / total }))
}

/**
 * The lambda at which `s` weighted by exp(-lambda x) and `b` weighted by exp(lambda x) have the same mean;
 * null when their ranges do not overlap. The difference of the means falls with lambda: bisection.
 */
function tilt(s: readonly number[], b: readonly number[]): number | null {
  const least = (x: readonly number[]): number => x.reduce((a, v) => Math.min(a, v))
  const most = (x: readonly number[]): number => x.reduce((a, v) => Math.max(a, v))
  if (most(s) < least(b) || least(s) > most(b)) return null
  const mean = (x: readonly number[], lambda: number): number => {
    const w = x.map((v) => Math.exp(lambda * (v - x[0]!)))
    return sumOf(x, (v, i) => v * w[i]!) / sumOf(w, (v) => v)
  }
  const difference = (lambda: number): number => mean(s, -lambda) - mean(b, lambda)
  // Beyond e^(32 ln(E/E')) the weights sit on single recoils of a bin: there is nothing to average.
  let [low, high] = [-32, 32]
  if (difference(low) < 0 || difference(high) > 0) return null
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (difference(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Kish: how many recoils of equal weight would fluctuate as much. */
function effectiveCount(recoils: readonly Weighted[]): number {
  return 1 / sumOf(recoils, (r) => r.weight ** 2)
}

/**
 * Variance of the combined AUC by Hanley & McNeil in every bin, at the value shrunk towards 0.5 by one right
 * and one wrong pair: with few pairs all of them can be right by chance.
 */
function smallSampleVariance(bins: readonly Bin[], auc: number): number {
  const counts = bins.map((bin) => ({
    weight: bin.weight,
    n: effectiveCount(bin.signal),
    m: effectiveCount(bin.background),
  }))
  const pairs = sumOf(counts, ({ n, m }) => Math.min(n, m))
  const a = (auc * pairs + 1) / (pairs + 2)
  const q1 = a / (2 - a) - a * a
  const q2 = (2 * a * a) / (1 + a) - a * a
  const sum = sumOf(
    counts,
    ({ weight, n, m }) => (weight ** 2 * (a * (1 - a) + (n - 1) * q1 + (m - 1) * q2)) / (n * m),
  )
  return sum / sumOf(counts, ({ weight }) => weight) ** 2
}

/** The ROC of one bin as corners: rejection rises, efficiency falls, ties of both classes are slopes. */
function corners({ signal, background }: Bin): CurvePoint[] {
  const events = [
    ...signal.map(({ score, weight }) => ({ score, s: weight, b: 0 })),
    ...background.map(({ score, weight }) => ({ score, s: 0, b: weight })),
  ].sort((p, q) => p.score - q.score)
  const points: CurvePoint[] = []
  let [efficiency, rejection] = [1, 0]
  events.forEach((event, i) => {
    if (i === 0 || event.score !== events[i - 1]!.score) points.push({ efficiency, rejection })
    efficiency -= event.s
    rejection += event.b
  })
  points.push({ efficiency: 0, rejection: 1 })
  return points
}

/** Mean of the bins' efficiencies at equal rejection, so that the area under it is the mean of their areas. */
function averageCurve(bins: readonly Bin[]): CurvePoint[] {
  const curves = bins.map((bin) => ({ weight: bin.weight, points: corners(bin) }))
  const total = sumOf(bins, (bin) => bin.weight)
  const grid = [...new Set(curves.flatMap(({ points }) => points.map((p) => Math.min(1, p.rejection))))]
  // A vertical step has two ends at its rejection: both are corners of the mean.
  return grid
    .sort((p, q) => p - q)
    .flatMap((rejection) =>
      (['upper', 'lower'] as const).map((end) => {
        const sum = sumOf(curves, ({ weight, points }) => weight * efficiencyAt(points, rejection, end))
        return { rejection, efficiency: Math.min(1, Math.max(0, sum / total)) }
      }),
    )
}

function efficiencyAt(points: readonly CurvePoint[], rejection: number, end: 'upper' | 'lower'): number {
  const after = points.findIndex((p) =>
    end === 'upper' ? p.rejection >= rejection : p.rejection > rejection,
  )
  if (after < 0) return 0
  if (after === 0) return points[0]!.efficiency
  const [p, q] = [points[after - 1]!, points[after]!]
  return (
    p.efficiency + ((rejection - p.rejection) / (q.rejection - p.rejection)) * (q.efficiency - p.efficiency)
  )
}
