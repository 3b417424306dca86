import type { Netlist, Node } from './netlist.ts'

/** Breaks every combinational loop at one word, which becomes state that follows what drives it. */
export function cutLoops(netlist: Netlist): void {
  for (const node of loopTargets(netlist)) netlist.cut(node)
  netlist.resolve()
}

/** The words that a depth-first walk meets while they are open: without them there is no loop. */
function loopTargets(netlist: Netlist): Set<Node> {
  const targets = new Set<Node>()
  const state = new Uint8Array(netlist.nodes.length)
  const [open, done] = [1, 2]
  for (const root of netlist.nodes) {
    if (state[root.id] !== 0) continue
    const path: { node: Node; operands: Node[] }[] = []
    const enter = (node: Node) => {
      state[node.id] = open
      const operands = node.slices.flatMap((slices) => slices.flatMap(({ node: operand }) => operand ?? []))
      path.push({ node, operands })
    }
    enter(root)
    while (path.length > 0) {
      const top = path[path.length - 1]!
      const next = top.operands.pop()
      if (!next) {
        state[top.node.id] = done
        path.pop()
      } else if (state[next.id] === open) targets.add(next)
      else if (state[next.id] === 0) enter(next)
    }
  }
  return targets
}
