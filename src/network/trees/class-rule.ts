import { alwaysScored, leavesOf, type PostTransform, type TreeEnsemble } from './ensemble.ts'

/**
 * How ONNX Runtime (1.30, measured) makes the scores and the label of a classifier from the sums s. The
 * specification leaves two classes open; 'single' is its binary case, which XGBoost and LightGBM export.
 */
export type ClassRule =
  /** scores = s; label of the largest score, of equals the first. */
  | { readonly kind: 'largest' }
  /** scores = [offset - s0, s0]; label 1 when s0 > threshold. */
  | { readonly kind: 'mirrored'; readonly offset: 0 | 1; readonly threshold: 0 | 0.5 }
  /** scores = [0, s1]; label 1 when s1 > threshold. */
  | { readonly kind: 'second'; readonly threshold: 0 | 0.5 }
  /** scores = s; the label is not what the file says (reason). */
  | { readonly kind: 'unlabelled'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string }

const explicitWeights =
  'Export with a weight for every class at each leaf, or as a TreeEnsembleRegressor followed by ArgMax.'

export function classRule(ensemble: TreeEnsemble): ClassRule {
  const classes = ensemble.targets
  const base = ensemble.base?.length ?? 0
  const always = alwaysScored(ensemble)
  if (classes === 1) return { kind: 'refused', reason: 'it has one class only', remedy: explicitWeights }
  if (classes > 2) {
    if (base !== 0 && base !== classes) return wrongBase(base, classes)
    if (base === classes || always.size === classes) return { kind: 'largest' }
    return {
      kind: 'unlabelled',
      reason:
        'some leaves give some classes no weight, and ONNX Runtime leaves such classes out when it labels',
    }
  }
  const weights = ensemble.trees.flatMap((tree) => leavesOf(tree).flatMap((leaf) => leaf.weights))
  const weighted = new Set(weights.map(({ target }) => target))
  const positive = weights.every(({ weight }) => !(weight < 0))
  const threshold = positive ? 0.5 : 0
  if (weighted.size === 1 && weighted.has(0)) {
    if (base > 1) return wrongBase(base, 1)
    return { kind: 'mirrored', offset: positive ? 1 : 0, threshold }
  }
  if (base !== 0) return wrongBase(base, 0)
  if (!always.has(1))
    return {
      kind: 'refused',
      reason:
        'not every leaf has a weight for the second class, and ONNX Runtime then scores by another rule',
      remedy: explicitWeights,
    }
  if (weighted.size === 1) return { kind: 'second', threshold }
  return {
    kind: 'unlabelled',
    reason: 'of two classes with weights for both, ONNX Runtime labels by the sign of the second score',
  }
}

function wrongBase(given: number, expected: number): ClassRule {
  return {
    kind: 'refused',
    reason: `it has ${given} base values where ${expected} have a clear meaning`,
    remedy: 'Add the base values to the leaves of one tree.',
  }
}

/** The transform that stands between the scores of the rule and those of the file; NONE when they are equal. */
export function pendingTransform(ensemble: TreeEnsemble, rule: ClassRule | undefined): PostTransform {
  const { postTransform } = ensemble
  if (rule?.kind !== 'mirrored') return postTransform
  return rule.offset === 0 && postTransform === 'LOGISTIC' ? 'LOGISTIC' : 'NONE'
}
