import { Random } from '../../src/core/random.ts'
import type { DecisionTree, Forest, TreeNode } from '../../src/network/index.ts'
import {
  balancedWeights,
  checkData,
  classNames,
  featureCount,
  type RecoilData,
  shuffledRows,
} from './data.ts'

export interface BoostingOptions {
  readonly seed: number
  /** Trees; each scores all three classes. */
  readonly rounds: number
  /** Tests on the way to a leaf, at most. */
  readonly depth: number
  /** Part of Newton's step that a leaf takes. */
  readonly rate: number
  /** Leaves are whole multiples of 2^leafExponent already while training, so the file loses nothing. */
  readonly leafExponent: number
  /** Added to the curvature of a leaf: larger means smaller steps. */
  readonly ridge: number
  /** Least curvature in a leaf. */
  readonly leastCurvature: number
  /** Part of the clusters that each tree sees. */
  readonly share: number
  /** keVee bin edges in which the classes are balanced. */
  readonly energyEdges: readonly number[]
  readonly onRound?: (round: number, loss: number) => void
}

/** Leaves are in units of 2^leafExponent. */
export interface BoostedTrees {
  readonly forest: Forest
  /** The same trees before their leaves were rounded. */
  readonly unrounded: Forest
}

const classes = classNames.length
const levels = 256

/**
 * Boosted trees for softmax cross entropy (Friedman, doi:10.1214/aos/1013203451; second-order leaves and splits as in
 * arXiv:1603.02754). A tree has one weight for each class at every leaf; features are int8, so each of their 256 values
 * is a bin and no split is missed.
 * The same data, options and Node give the same forest.
 * @throws RangeError when the arrays of `data` do not belong together
 */
export function boostTrees(data: RecoilData, options: BoostingOptions): BoostedTrees {
  checkData(data)
  const n = data.labels.length
  const random = new Random(options.seed).fork('trees')
  const grower = new TreeGrower(data.features, n, options)
  const weights = balancedWeights(data, options.energyEdges)
  const scores = new Float64Array(n * classes)
  const trees: DecisionTree[] = []
  for (let round = 0; round < options.rounds; round++) {
    const loss = grower.setTargets(scores, data.labels, weights)
    options.onRound?.(round, loss)
    const rows = shuffledRows(n, random)
      .subarray(0, Math.round(options.share * n))
      .sort()
    const tree = grower.grow(rows)
    trees.push(tree)
    addTree(scores, roundLeaves(tree), data.features, 2 ** options.leafExponent)
  }
  const forestOf = (own: readonly DecisionTree[]): Forest => {
    return { features: featureCount, targets: classes, trees: own, base: new Float64Array(classes) }
  }
  return { forest: forestOf(trees.map(roundLeaves)), unrounded: forestOf(trees) }
}

function roundLeaves({ nodes }: DecisionTree): DecisionTree {
  return {
    nodes: nodes.map((node) =>
      node.kind === 'leaf' ? { ...node, weights: node.weights.map(Math.round) } : node,
    ),
  }
}

function addTree(scores: Float64Array, { nodes }: DecisionTree, features: Int8Array, unit: number): void {
  for (let row = 0; row * classes < scores.length; row++) {
    let node = nodes[0]!
    while (node.kind === 'branch')
      node = nodes[features[row * featureCount + node.feature]! <= node.threshold ? node.below : node.above]!
    node.weights.forEach((weight, k) => {
      scores[row * classes + k]! += weight * unit
    })
  }
}

interface Split {
  readonly feature: number
  readonly threshold: number
  readonly gain: number
}

/** Grows one tree at a time on gradients and curvatures of the loss. */
class TreeGrower {
  readonly #options: BoostingOptions
  /** `[features][n]`, value + 128. */
  readonly #columns: Uint8Array[]
  /** `[n][classes]`. */
  readonly #gradients: Float64Array
  readonly #curvatures: Float64Array
  /** `[levels][2 * classes]`: sums of gradients, then of curvatures. */
  readonly #histogram = new Float64Array(levels * 2 * classes)

  constructor(features: Int8Array, n: number, options: BoostingOptions) {
    this.#options = options
    this.#columns = Array.from({ length: featureCount }, (_, f) =>
      Uint8Array.from({ length: n }, (_, row) => features[row * featureCount + f]! + 128),
    )
    this.#gradients = new Float64Array(n * classes)
    this.#curvatures = new Float64Array(n * classes)
  }

  /** Derivatives of the weighted cross entropy at `scores`; returns its mean. */
  setTargets(scores: Float64Array, labels: Uint8Array, weights: Float32Array): number {
    const powers = new Float64Array(classes)
    let loss = 0
    for (let row = 0; row < labels.length; row++) {
      const at = row * classes
      for (let k = 0; k < classes; k++) powers[k] = Math.exp(scores[at + k]!)
      const total = powers.reduce((sum, power) => sum + power, 0)
      const weight = weights[row]!
      for (let k = 0; k < classes; k++) {
        const probability = powers[k]! / total
        this.#gradients[at + k] = weight * ((k === labels[row] ? 1 : 0) - probability)
        this.#curvatures[at + k] = weight * probability * (1 - probability)
      }
      loss -= weight * Math.log(powers[labels[row]!]! / total)
    }
    return loss / labels.length
  }

  grow(rows: Uint32Array): DecisionTree {
    const nodes: (TreeNode | undefined)[] = []
    const place = (own: Uint32Array, depth: number): number => {
      const index = nodes.push(undefined) - 1
      const split = depth === this.#options.depth ? undefined : this.#bestSplit(own)
      if (split === undefined) {
        nodes[index] = this.#leaf(own)
        return index
      }
      const { feature, threshold } = split
      const below = (row: number): boolean => this.#columns[feature]![row]! <= threshold + 128
      nodes[index] = {
        kind: 'branch',
        feature,
        threshold,
        below: place(own.filter(below), depth + 1),
        above: place(
          own.filter((row) => !below(row)),
          depth + 1,
        ),
      }
      return index
    }
    place(rows, 0)
    return { nodes: nodes as TreeNode[] }
  }

  #leaf(rows: Uint32Array): TreeNode {
    const { rate, ridge, leafExponent } = this.#options
    const targets = Array.from({ length: classes }, (_, k) => k)
    const weights = targets.map((k) => {
      let gradient = 0
      let curvature = 0
      for (let i = 0; i < rows.length; i++) {
        gradient += this.#gradients[rows[i]! * classes + k]!
        curvature += this.#curvatures[rows[i]! * classes + k]!
      }
      return (rate * gradient) / (curvature + ridge) / 2 ** leafExponent
    })
    return { kind: 'leaf', targets, weights }
  }

  #bestSplit(rows: Uint32Array): Split | undefined {
    let best: Split | undefined
    for (let feature = 0; feature < featureCount; feature++) {
      const split = this.#splitOf(feature, rows)
      if (split !== undefined && split.gain > (best?.gain ?? 1e-6)) best = split
    }
    return best
  }

  #splitOf(feature: number, rows: Uint32Array): Split | undefined {
    const { ridge, leastCurvature } = this.#options
    this.#fillHistogram(this.#columns[feature]!, rows)
    const size = 2 * classes
    const all = new Float64Array(size)
    const below = new Float64Array(size)
    for (let i = 0; i < this.#histogram.length; i++) all[i % size]! += this.#histogram[i]!
    const score = (sums: (k: number) => number): number => {
      let sum = 0
      let curvature = 0
      for (let k = 0; k < classes; k++) {
        sum += sums(k) ** 2 / (sums(classes + k) + ridge)
        curvature += sums(classes + k)
      }
      return curvature < leastCurvature ? Number.NEGATIVE_INFINITY : sum
    }
    const whole = score((k) => all[k]!)
    let best: Split | undefined
    for (let level = 0; level < levels - 1; level++) {
      for (let k = 0; k < size; k++) below[k]! += this.#histogram[level * size + k]!
      const gain = score((k) => below[k]!) + score((k) => all[k]! - below[k]!) - whole
      if (gain > (best?.gain ?? 0)) best = { feature, threshold: level - 128, gain }
    }
    return best
  }

  #fillHistogram(column: Uint8Array, rows: Uint32Array): void {
    const histogram = this.#histogram
    histogram.fill(0)
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * classes
      const to = column[rows[i]!]! * 2 * classes
      for (let k = 0; k < classes; k++) {
        histogram[to + k]! += this.#gradients[from + k]!
        histogram[to + classes + k]! += this.#curvatures[from + k]!
      }
    }
  }
}
