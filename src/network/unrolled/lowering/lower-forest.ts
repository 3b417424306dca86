import type { DecisionTree, Forest } from '../../graph/forest.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'
import { addLinear, constantLinear, type Linear, linearNode, offsetLinear, scaleLinear } from './linear.ts'
import { tableOver } from './lower-table.ts'
import { joinAll } from './lower-windows.ts'

/** Depth up to which the way through a tree is a number that a table turns into its leaf. */
const tableDepth = 6

/** The sums of leaves for each target: all tests at once, then the way through each tree, then adders. */
export function forestLanes(builder: NetlistBuilder, forest: Forest, x: readonly Linear[]): Linear[] {
  const leaves = forest.trees.map((tree) => treeLanes(builder, tree, forest.targets, x))
  return Array.from({ length: forest.targets }, (_, target) => {
    const terms = leaves.map((lanes) => lanes[target]!)
    return offsetLinear(joinAll(builder, 'sum', terms), forest.base[target]!)
  })
}

function treeLanes(
  builder: NetlistBuilder,
  tree: DecisionTree,
  targets: number,
  x: readonly Linear[],
): Linear[] {
  const depth = treeDepth(tree, 0)
  const weight = (at: number, target: number): number => {
    const node = tree.nodes[at]!
    if (node.kind === 'branch') return 0
    return node.targets.reduce((sum, t, k) => (t === target ? sum + node.weights[k]! : sum), 0)
  }
  const lanes = Array.from({ length: targets }, (_, target) => target)
  if (depth > tableDepth)
    return lanes.map((target) =>
      linearNode(
        builder,
        selected(builder, tree, 0, x, (at) => weight(at, target)),
      ),
    )
  const way = wayThrough(builder, tree, depth, x)
  return lanes.map((target) => {
    const at = (number: number): number => weight(leafOf(tree, depth, number), target)
    return way.node === undefined
      ? constantLinear(at(way.offset))
      : tableOver(builder, way.node, (argument) => at(argument * way.factor + way.offset))
  })
}

/** The tests passed on the way from the root, first one highest, 1 for below; after a leaf 0. */
function wayThrough(
  builder: NetlistBuilder,
  tree: DecisionTree,
  depth: number,
  x: readonly Linear[],
): Linear {
  let way = constantLinear(0)
  for (let level = 0; level < depth; level++) {
    const bit = linearNode(builder, testAt(builder, tree, 0, level, x))
    way = addLinear(builder, scaleLinear(way, 2), bit)
  }
  return way
}

/** The outcome of the test that is met after `level` others; 0 when there is none. */
function testAt(
  builder: NetlistBuilder,
  tree: DecisionTree,
  at: number,
  level: number,
  x: readonly Linear[],
): NodeId {
  const node = tree.nodes[at]!
  if (node.kind === 'leaf') return builder.constant(0)
  const condition = test(builder, x[node.feature]!, node.threshold)
  if (level === 0) return condition
  const [yes, no] = [node.below, node.above].map((next) => testAt(builder, tree, next, level - 1, x))
  return builder.add({ kind: 'select', condition, yes: yes!, no: no! })
}

function leafOf(tree: DecisionTree, depth: number, way: number): number {
  let at = 0
  for (let level = depth - 1; level >= 0; level--) {
    const node = tree.nodes[at]!
    if (node.kind === 'leaf') break
    at = Math.floor(way / 2 ** level) % 2 === 1 ? node.below : node.above
  }
  return at
}

function selected(
  builder: NetlistBuilder,
  tree: DecisionTree,
  at: number,
  x: readonly Linear[],
  weight: (at: number) => number,
): NodeId {
  const node = tree.nodes[at]!
  if (node.kind === 'leaf') return builder.constant(weight(at))
  const condition = test(builder, x[node.feature]!, node.threshold)
  const [yes, no] = [node.below, node.above].map((next) => selected(builder, tree, next, x, weight))
  return builder.add({ kind: 'select', condition, yes: yes!, no: no! })
}

/** `x <= threshold`, on the bare node. */
function test(builder: NetlistBuilder, x: Linear, threshold: number): NodeId {
  if (x.node === undefined) return builder.constant(Number(x.offset <= threshold))
  const limit = (threshold - x.offset) / x.factor
  if (x.factor > 0) return builder.add({ kind: 'at-most', a: x.node, threshold: Math.floor(limit) })
  // node >= limit
  const condition = builder.add({ kind: 'at-most', a: x.node, threshold: Math.ceil(limit) - 1 })
  return builder.add({ kind: 'select', condition, yes: builder.constant(0), no: builder.constant(1) })
}

function treeDepth(tree: DecisionTree, at: number): number {
  const node = tree.nodes[at]!
  return node.kind === 'leaf' ? 0 : 1 + Math.max(treeDepth(tree, node.below), treeDepth(tree, node.above))
}
