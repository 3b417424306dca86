import type { DecisionTree, Forest, TreeNode } from '../graph/forest.ts'
import {
  addLinear,
  constantLinear,
  type Linear,
  linearNode,
  offsetLinear,
  scaleLinear,
} from '../unrolled/lowering/linear.ts'
import { tableOver } from '../unrolled/lowering/lower-table.ts'
import { joinAll } from '../unrolled/lowering/lower-windows.ts'
import type { NetlistBuilder } from '../unrolled/netlist/netlist-builder.ts'
import type { NodeId } from '../unrolled/netlist/scalar-netlist.ts'

/**
 * Tests up to which the way through a tree becomes a number that a table turns into its leaf: as many as a
 * LUT of six inputs has. Measured with Yosys for 7-series (32 trees of depth 4, nine int8 features, 8-bit
 * leaves, without the adders): 1238 LUTs; multiplexers of leaf values take 1367, one AND for each leaf 1487.
 * With adders and pipeline: 1587 LUTs and 589 registers at 2 levels per stage (4 clocks), 1442 and 1014 at 1 (8).
 */
const tableDepth = 6

/**
 * The sums of leaves for each target: all tests at once (equal ones once), the way through each tree, its
 * leaf, then a balanced tree of adders.
 * @param x the features
 */
export function forestLanes(builder: NetlistBuilder, forest: Forest, x: readonly Linear[]): Linear[] {
  const leaves = forest.trees.map((tree) => new TreeLowering(builder, tree, x).lanes(forest.targets))
  return Array.from({ length: forest.targets }, (_, target) => {
    const terms = leaves.map((lanes) => lanes[target]!)
    return offsetLinear(joinAll(builder, 'sum', terms), forest.base[target]!)
  })
}

/** One tree; every node of its graph is visited once for each level above it, shared or not. */
class TreeLowering {
  readonly #builder: NetlistBuilder
  readonly #nodes: readonly TreeNode[]
  readonly #x: readonly Linear[]
  /** Tests on the longest way down from each node. */
  readonly #depths: number[] = []
  readonly #outcomes = new Map<string, NodeId>()

  constructor(builder: NetlistBuilder, tree: DecisionTree, x: readonly Linear[]) {
    this.#builder = builder
    this.#nodes = tree.nodes
    this.#x = x
    for (let at = tree.nodes.length - 1; at >= 0; at--) {
      const node = tree.nodes[at]!
      this.#depths[at] =
        node.kind === 'leaf' ? 0 : 1 + Math.max(this.#depths[node.below]!, this.#depths[node.above]!)
    }
  }

  /** One number for each target. */
  lanes(targets: number): Linear[] {
    const made: (readonly Linear[])[] = []
    const needed = this.#nodesAboveTables()
    // Children before parents: deep trees need no recursion.
    for (let at = this.#nodes.length - 1; at >= 0; at--) {
      const node = this.#nodes[at]!
      if (!needed.has(at)) continue
      if (node.kind === 'leaf' || this.#depths[at]! <= tableDepth) made[at] = this.#fromTable(at, targets)
      else {
        const condition = this.#test(node)
        const [yes, no] = [made[node.below]!, made[node.above]!]
        made[at] = yes.map((lane, target) => this.#choose(condition, lane, no[target]!))
      }
    }
    return [...made[0]!]
  }

  #nodesAboveTables(): Set<number> {
    const needed = new Set([0])
    this.#nodes.forEach((node, at) => {
      if (needed.has(at) && node.kind === 'branch' && this.#depths[at]! > tableDepth)
        needed.add(node.below).add(node.above)
    })
    return needed
  }

  #choose(condition: NodeId, yes: Linear, no: Linear): Linear {
    const node = (x: Linear): NodeId =>
      x.node === undefined ? this.#builder.constant(x.offset) : this.#bare(x)
    return linearNode(
      this.#builder,
      this.#builder.add({ kind: 'select', condition, yes: node(yes), no: node(no) }),
    )
  }

  /** A table's result as a node; a table that is a line through its argument becomes one after all. */
  #bare(x: Linear): NodeId {
    const builder = this.#builder
    const shift = Math.log2(Math.abs(x.factor))
    if (x.factor > 0 && x.offset === 0) return builder.add({ kind: 'scale', a: x.node!, shift })
    const { min, max, step } = builder.range(x.node!)
    const result = (_: unknown, k: number): number => (min + k * step) * x.factor + x.offset
    const outputs = Float64Array.from({ length: (max - min) / step + 1 }, result)
    return builder.add({ kind: 'table', a: x.node!, outputs })
  }

  /** The leaves below a node by the way to them. */
  #fromTable(root: number, targets: number): readonly Linear[] {
    const depth = this.#depths[root]!
    const builder = this.#builder
    let way = constantLinear(0)
    for (let level = 0; level < depth; level++)
      way = addLinear(builder, scaleLinear(way, 2), linearNode(builder, this.#outcome(root, level)))
    return Array.from({ length: targets }, (_, target) => {
      const at = (number: number): number => weightOf(this.#nodes[this.#leafAt(root, depth, number)]!, target)
      return way.node === undefined
        ? constantLinear(at(way.offset))
        : tableOver(builder, way.node, (argument) => at(argument * way.factor + way.offset))
    })
  }

  /** The outcome (1 for below) of the test that is met `level` tests after this node; 0 behind a leaf. */
  #outcome(at: number, level: number): NodeId {
    const node = this.#nodes[at]!
    if (node.kind === 'leaf') return this.#builder.constant(0)
    if (level === 0) return this.#test(node)
    const key = `${at} ${level}`
    let outcome = this.#outcomes.get(key)
    if (outcome === undefined) {
      const yes = this.#outcome(node.below, level - 1)
      const no = this.#outcome(node.above, level - 1)
      outcome = this.#builder.add({ kind: 'select', condition: this.#test(node), yes, no })
      this.#outcomes.set(key, outcome)
    }
    return outcome
  }

  #leafAt(root: number, depth: number, way: number): number {
    let at = root
    for (let level = depth - 1; level >= 0; level--) {
      const node = this.#nodes[at]!
      if (node.kind === 'leaf') break
      at = Math.floor(way / 2 ** level) % 2 === 1 ? node.below : node.above
    }
    return at
  }

  /** `x[feature] <= threshold`, on the node that carries the feature. */
  #test({ feature, threshold }: Extract<TreeNode, { kind: 'branch' }>): NodeId {
    const builder = this.#builder
    const x = this.#x[feature]!
    if (x.node === undefined) return builder.constant(Number(x.offset <= threshold))
    const limit = (threshold - x.offset) / x.factor
    if (x.factor > 0) return builder.add({ kind: 'at-most', a: x.node, threshold: Math.floor(limit) })
    const condition = builder.add({ kind: 'at-most', a: x.node, threshold: Math.ceil(limit) - 1 })
    return builder.add({ kind: 'select', condition, yes: builder.constant(0), no: builder.constant(1) })
  }
}

function weightOf(node: TreeNode, target: number): number {
  if (node.kind === 'branch') return 0
  return node.targets.reduce((sum, t, k) => (t === target ? sum + node.weights[k]! : sum), 0)
}
