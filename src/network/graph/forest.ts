/**
 * Decision trees over integer features with integer leaves. Every test is `x[feature] <= threshold`, with
 * integer thresholds that reproduce ONNX's float comparison exactly.
 */
export interface Forest {
  readonly features: number
  readonly targets: number
  readonly trees: readonly DecisionTree[]
  /** Added to every target, `[targets]`. */
  readonly base: Float64Array
}

/**
 * A tree in which equal parts may be stored once: a directed graph without cycles. A node's children come
 * after it; node 0 is the root. There can be exponentially more ways down than nodes.
 */
export interface DecisionTree {
  readonly nodes: readonly TreeNode[]
}

export type TreeNode =
  | {
      readonly kind: 'branch'
      readonly feature: number
      /** Goes to `below` when `x[feature] <= threshold`, else to `above`. */
      readonly threshold: number
      readonly below: number
      readonly above: number
    }
  /** `weights[k]` is added to target `targets[k]`. */
  | { readonly kind: 'leaf'; readonly targets: readonly number[]; readonly weights: readonly number[] }
