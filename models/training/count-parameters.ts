import type { IntegerGraph } from '../../src/network/index.ts'

/** Numbers that training chose: weights and biases, or thresholds and leaf weights. */
export function countParameters({ values }: IntegerGraph): number {
  return values.reduce((sum, { operation }) => {
    if (operation.kind === 'dense' || operation.kind === 'conv')
      return sum + operation.weights.length + operation.bias.length
    if (operation.kind !== 'trees') return sum
    const nodes = operation.forest.trees.flatMap((tree) => tree.nodes)
    return sum + nodes.reduce((own, node) => own + (node.kind === 'branch' ? 1 : node.weights.length), 0)
  }, 0)
}
