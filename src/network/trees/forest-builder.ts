import type { DecisionTree, TreeNode } from '../graph/forest.ts'

/**
 * Builds one integer tree from its leaves up, in which equal parts exist once: a directed graph, smaller
 * than the tree and with the same meaning.
 */
export class ForestBuilder {
  readonly #nodes: TreeNode[] = []
  readonly #known = new Map<string, number>()

  leaf(targets: readonly number[], weights: readonly number[]): number {
    const kept = targets.flatMap((_, k) => (weights[k] === 0 ? [] : [k]))
    kept.sort((a, b) => targets[a]! - targets[b]!)
    const leaf = { targets: kept.map((k) => targets[k]!), weights: kept.map((k) => weights[k]!) }
    return this.#once(`${leaf.targets.join()}:${leaf.weights.join()}`, { kind: 'leaf', ...leaf })
  }

  branch(feature: number, threshold: number, below: number, above: number): number {
    if (below === above) return below
    return this.#once(`${feature}<=${threshold}?${below}:${above}`, {
      kind: 'branch',
      feature,
      threshold,
      below,
      above,
    })
  }

  /** The tree with this root: what the root reaches, parents before children. */
  tree(root: number): DecisionTree {
    const reached = new Set([root])
    for (let id = root; id >= 0; id--) {
      const node = this.#nodes[id]!
      if (reached.has(id) && node.kind === 'branch') reached.add(node.below).add(node.above)
    }
    // Children are made before their parents.
    const order = [...reached].sort((a, b) => b - a)
    const place = new Map(order.map((id, index) => [id, index]))
    const nodes = order.map((id): TreeNode => {
      const node = this.#nodes[id]!
      return node.kind === 'leaf'
        ? node
        : { ...node, below: place.get(node.below)!, above: place.get(node.above)! }
    })
    return { nodes }
  }

  #once(key: string, node: TreeNode): number {
    let id = this.#known.get(key)
    if (id === undefined) {
      id = this.#nodes.push(node) - 1
      this.#known.set(key, id)
    }
    return id
  }
}
