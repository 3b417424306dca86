import { type Block, type Item, rootBlock } from './block.ts'
import { costOf } from './cost.ts'
import { type Graph, visitSink } from './graph.ts'
import type { Node } from './netlist.ts'
import { assume, type Condition, conditionKey, conditionsOf, holdConditions } from './tree.ts'

/**
 * Work (in instructions) that a branch must save to be worth its own cost. Measured over the designs of `bench sim`:
 * control flow of real designs is predicted so well that even one saved store pays.
 */
const defaultThreshold = 1

/**
 * Rebuilds the control flow of the source: sinks that depend on one condition share a branch, nested, and
 * words needed on one side only are computed there. Greedy: the condition that saves most comes first.
 */
export function gate(graph: Graph, threshold = defaultThreshold): Block {
  const needs = neededUnder(graph)
  const root = rootBlock()
  const conditional = graph.order.filter((node) => (needs[node.id]?.size ?? 0) > 0)
  const fill = (block: Block, items: readonly Item[], nodes: readonly Node[]) => {
    let [rest, restNodes] = [items, nodes]
    for (;;) {
      const condition = bestCondition(rest, restNodes, needs, threshold)
      if (!condition) break
      const { id } = condition
      const mark = Symbol()
      const side = (value: boolean): Block => {
        const inner: Block = { parent: block, depth: block.depth + 1, branch: mark, units: [] }
        const part: Item[] = []
        for (const { sink, tree } of rest) {
          if (!conditionsOf(tree).has(id)) continue
          const known = assume(tree, id, value)
          if (known) part.push({ sink, tree: known })
        }
        const key = conditionKey(id, value)
        fill(
          inner,
          part,
          restNodes.filter((node) => needs[node.id]!.has(key)),
        )
        return inner
      }
      block.units.push({ branch: { condition, one: side(true), zero: side(false) } })
      rest = rest.filter(({ tree }) => !conditionsOf(tree).has(id))
      restNodes = restNodes.filter(
        ({ id: node }) =>
          !needs[node]!.has(conditionKey(id, true)) && !needs[node]!.has(conditionKey(id, false)),
      )
    }
    for (const item of rest) block.units.push({ item })
  }
  fill(
    root,
    graph.sinks.map((sink) => ({ sink, tree: sink.tree })),
    conditional,
  )
  return root
}

/** For each word the condition values without which nobody needs it. */
function neededUnder(graph: Graph): (Set<number> | undefined)[] {
  const needs: (Set<number> | undefined)[] = []
  const meet = (node: Node | undefined, keys: readonly number[] | ReadonlySet<number>) => {
    if (!node) return
    const known = needs[node.id]
    if (!known) needs[node.id] = new Set(keys)
    else if (known.size > 0) {
      const other = keys instanceof Set ? keys : new Set(keys)
      for (const key of known) if (!other.has(key)) known.delete(key)
    }
  }
  for (const sink of graph.sinks)
    visitSink(sink, sink.tree, (slices, path) => {
      for (const { node } of slices) meet(node, path)
    })
  for (const node of [...graph.order].reverse()) {
    const keys = needs[node.id] ?? []
    for (const slices of node.slices) for (const slice of slices) meet(slice.node, keys)
  }
  return needs
}

/** The condition whose branch saves most, if it saves enough. */
function bestCondition(
  items: readonly Item[],
  nodes: readonly Node[],
  needs: readonly (ReadonlySet<number> | undefined)[],
  threshold: number,
): Condition | undefined {
  const saved = new Map<number, number>()
  const add = (id: number, cost: number) => saved.set(id, (saved.get(id) ?? 0) + cost)
  const conditions = new Map<number, Condition>()
  for (const { sink, tree } of items) {
    const holding = holdConditions(tree)
    for (const [id, condition] of conditionsOf(tree)) {
      conditions.set(id, condition)
      add(id, holding.has(id) ? (sink.kind === 'write' ? 4 : 2) : 0)
    }
    // of equal conditions the outer one goes first
    if (tree?.kind === 'choice') add(tree.condition.id, 0.5)
  }
  for (const node of nodes) {
    const cost = costOf(node)
    for (const key of needs[node.id]!) add(key >> 1, cost)
  }
  let best: Condition | undefined
  let most = threshold
  for (const [id, condition] of conditions) {
    const cost = saved.get(id)!
    if (cost >= most && (best === undefined || cost > most)) [best, most] = [condition, cost]
  }
  return best
}
