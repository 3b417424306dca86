/**
 * What the three ONNX operators TreeEnsembleRegressor, TreeEnsembleClassifier and TreeEnsemble say, in one
 * form: trees of tests on floating-point features, with floating-point leaf weights.
 */
export interface TreeEnsemble {
  /** Features and thresholds are float32 or, where the file stores tensors of doubles, double. */
  readonly precision: 'float32' | 'double'
  /** One more than the largest feature that a test reads. */
  readonly features: number
  readonly targets: number
  readonly trees: readonly EnsembleTree[]
  /** Added to each target after the sum (and after the division of an average); undefined when not given. */
  readonly base: readonly number[] | undefined
  readonly average: boolean
  readonly postTransform: PostTransform
  /** Of a classifier: the label of each target. */
  readonly labels: readonly number[] | readonly string[] | undefined
}

export const postTransforms = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'] as const
export type PostTransform = (typeof postTransforms)[number]

/** Nodes in an order in which children follow their parents; node 0 is the root. */
export type EnsembleTree = readonly EnsembleNode[]

export type EnsembleNode = EnsembleBranch | EnsembleLeaf

export interface EnsembleBranch {
  readonly kind: 'branch'
  readonly feature: number
  /** Compares the feature (left) with `value` (right), or looks it up among `members`. */
  readonly test: TestKind
  readonly value: number
  readonly members: readonly number[]
  /** Whether NaN counts as true. Integers never are NaN; only the float evaluation needs it. */
  readonly missingIsTrue: boolean
  readonly yes: number
  readonly no: number
}

export interface EnsembleLeaf {
  readonly kind: 'leaf'
  readonly weights: readonly LeafWeight[]
}

export interface LeafWeight {
  readonly target: number
  readonly weight: number
}

/** In the order of the mode numbers of TreeEnsemble. */
export const testKinds = ['<=', '<', '>=', '>', '==', '!=', 'member'] as const
export type TestKind = (typeof testKinds)[number]

export function leavesOf(tree: EnsembleTree): EnsembleLeaf[] {
  return tree.filter((node) => node.kind === 'leaf')
}

/** The targets that get a weight, even 0, whatever the features are. */
export function alwaysScored(ensemble: TreeEnsemble): ReadonlySet<number> {
  const always = new Set<number>()
  for (const tree of ensemble.trees) {
    const counts = new Map<number, number>()
    const leaves = leavesOf(tree)
    for (const { weights } of leaves)
      for (const { target } of weights) counts.set(target, (counts.get(target) ?? 0) + 1)
    for (const [target, count] of counts) if (count === leaves.length) always.add(target)
  }
  return always
}
