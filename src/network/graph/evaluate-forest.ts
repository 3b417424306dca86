import type { DecisionTree, Forest, TreeNode } from './forest.ts'

/** The sums of leaf weights for one vector of features, `[targets]`. */
export function evaluateForest(forest: Forest, x: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(forest.base)
  for (const tree of forest.trees) {
    const leaf = reachedLeaf(tree, x)
    leaf.targets.forEach((target, k) => {
      out[target]! += leaf.weights[k]!
    })
  }
  return out
}

function reachedLeaf(tree: DecisionTree, x: ArrayLike<number>): Extract<TreeNode, { kind: 'leaf' }> {
  let node = tree.nodes[0]!
  while (node.kind === 'branch')
    node = tree.nodes[x[node.feature]! <= node.threshold ? node.below : node.above]!
  return node
}
