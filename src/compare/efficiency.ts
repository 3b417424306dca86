/** A fraction found of a number tried, with the Wilson score interval at one standard deviation (68.3 %). */
export interface Fraction {
  readonly found: number
  readonly tried: number
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * Wilson (1927, doi:10.1080/01621459.1927.10502953): stays inside 0 ... 1 and has a width also at 0 of n and
 * n of n, where the normal approximation claims certainty.
 * @throws RangeError unless 0 <= found <= tried and tried > 0
 */
export function fraction(found: number, tried: number, z = 1): Fraction {
  if (!(tried > 0 && found >= 0 && found <= tried)) throw new RangeError(`${found} of ${tried}`)
  const value = found / tried
  const centre = (value + (z * z) / (2 * tried)) / (1 + (z * z) / tried)
  const half =
    (z * Math.sqrt((value * (1 - value)) / tried + (z * z) / (4 * tried * tried))) / (1 + (z * z) / tried)
  return { found, tried, value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/** The efficiency in one energy bin. */
export interface EfficiencyBin extends Fraction {
  /** Edges of the bin in keVee, the upper one outside. */
  readonly fromKeV: number
  readonly toKeV: number
  /** Geometric mean of the energies that fell into the bin. */
  readonly keV: number
}

/** Half octaves where the threshold is, octaves above: recoils below 64 keVee, then alphas and muons. */
export const defaultEfficiencyEdges: readonly number[] = [
  0.125, 0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16, 32, 64, 128, 256, 512, 1024, 2048,
  4096, 8192, 16384,
]

/** Counts found and tried deposits by energy. */
export class EfficiencyHistogram {
  readonly #edges: readonly number[]
  readonly #bins: { found: number; tried: number; logSum: number }[]

  constructor(edges: readonly number[] = defaultEfficiencyEdges) {
    this.#edges = edges
    this.#bins = edges.slice(1).map(() => ({ found: 0, tried: 0, logSum: 0 }))
  }

  /** Energies outside the edges are not counted. */
  add(keVee: number, found: boolean): void {
    const i = binOf(this.#edges, keVee)
    if (i === null) return
    const bin = this.#bins[i]!
    bin.tried++
    bin.logSum += Math.log(keVee)
    if (found) bin.found++
  }

  /** The bins that hold deposits, by rising energy. */
  bins(): EfficiencyBin[] {
    return this.#bins.flatMap(({ found, tried, logSum }, i) =>
      tried === 0
        ? []
        : [
            {
              fromKeV: this.#edges[i]!,
              toKeV: this.#edges[i + 1]!,
              keV: Math.exp(logSum / tried),
              ...fraction(found, tried),
            },
          ],
    )
  }
}

/** Index of the bin with edges[i] <= value < edges[i + 1]; null outside. */
export function binOf(edges: readonly number[], value: number): number | null {
  if (!(value >= edges[0]! && value < edges[edges.length - 1]!)) return null
  let i = 0
  while (value >= edges[i + 1]!) i++
  return i
}
