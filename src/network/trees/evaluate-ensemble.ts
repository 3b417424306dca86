import { classRule } from './class-rule.ts'
import type { EnsembleBranch, EnsembleLeaf, EnsembleTree, PostTransform, TreeEnsemble } from './ensemble.ts'

export interface EnsembleResult {
  readonly scores: Float64Array
  /**
   * Label, or index of a string label; undefined for regressors. Where `classRule` has no label in common with
   * ONNX Runtime it is that of the largest score.
   */
  readonly label: number | undefined
}

/**
 * Evaluates an ensemble on one vector of floats by definition: trees in order, then base values, then the
 * transform. `round` is what each sum is rounded by (Math.fround for float32).
 */
export function evaluateEnsemble(
  ensemble: TreeEnsemble,
  x: ArrayLike<number>,
  round: (x: number) => number = Math.fround,
): EnsembleResult {
  const rule = ensemble.labels === undefined ? undefined : classRule(ensemble)
  const sums = sumOfLeaves(ensemble, x, round)
  if (rule === undefined) return { scores: transformed(sums, ensemble.postTransform), label: undefined }
  const labelAt = (index: number): number => {
    const label = ensemble.labels![index]!
    return typeof label === 'number' ? label : index
  }
  switch (rule.kind) {
    case 'mirrored': {
      const s = sums[0]!
      const scores = Float64Array.of(round(rule.offset - s), s)
      const transform = rule.offset === 0 && ensemble.postTransform === 'LOGISTIC' ? 'LOGISTIC' : 'NONE'
      return { scores: transformed(scores, transform), label: labelAt(s > rule.threshold ? 1 : 0) }
    }
    case 'second':
      return {
        scores: transformed(sums, ensemble.postTransform),
        label: labelAt(sums[1]! > rule.threshold ? 1 : 0),
      }
    default: {
      const best = sums.reduce((top, sum, k) => (sum > sums[top]! ? k : top), 0)
      return { scores: transformed(sums, ensemble.postTransform), label: labelAt(best) }
    }
  }
}

function sumOfLeaves(
  ensemble: TreeEnsemble,
  x: ArrayLike<number>,
  round: (x: number) => number,
): Float64Array {
  const sums = new Float64Array(ensemble.targets)
  for (const tree of ensemble.trees)
    for (const { target, weight } of reachedLeaf(tree, x).weights)
      sums[target] = round(sums[target]! + weight)
  if (ensemble.average)
    sums.forEach((sum, target) => {
      sums[target] = round(sum / ensemble.trees.length)
    })
  ensemble.base?.forEach((value, target) => {
    sums[target] = round(sums[target]! + value)
  })
  return sums
}

function reachedLeaf(tree: EnsembleTree, x: ArrayLike<number>): EnsembleLeaf {
  let node = tree[0]!
  while (node.kind === 'branch') node = tree[holds(node, x[node.feature]!) ? node.yes : node.no]!
  return node
}

function holds(branch: EnsembleBranch, x: number): boolean {
  if (Number.isNaN(x)) return branch.missingIsTrue || branch.test === '!='
  switch (branch.test) {
    case '<=':
      return x <= branch.value
    case '<':
      return x < branch.value
    case '>=':
      return x >= branch.value
    case '>':
      return x > branch.value
    case '==':
      return x === branch.value
    case '!=':
      return x !== branch.value
    case 'member':
      return branch.members.some((member) => member === x)
  }
}

function transformed(scores: Float64Array, transform: PostTransform): Float64Array {
  switch (transform) {
    case 'NONE':
      return scores
    case 'LOGISTIC':
      return scores.map((score) => 1 / (1 + Math.exp(-score)))
    case 'SOFTMAX':
      return softmax(scores)
    default:
      throw new RangeError(`post_transform ${transform} is not evaluated`)
  }
}

function softmax(scores: Float64Array): Float64Array {
  const top = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY)
  const powers = scores.map((score) => Math.exp(score - top))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
