import { type NodeId, operandsOf, type ScalarNetlist, withOperands } from './scalar-netlist.ts'

/** The netlist without what no output needs. */
export function liveNetlist({ lanes, nodes, outputs }: ScalarNetlist): ScalarNetlist {
  const live = new Uint8Array(nodes.length)
  for (const output of outputs) live[output] = 1
  for (let id = nodes.length - 1; id >= 0; id--)
    if (live[id]) for (const operand of operandsOf(nodes[id]!.operation)) live[operand] = 1
  const place = new Int32Array(nodes.length)
  const kept = nodes.filter((_, id) => live[id])
  let next = 0
  for (let id = 0; id < nodes.length; id++) place[id] = live[id] ? next++ : -1
  const rename = (node: NodeId): NodeId => place[node]!
  return {
    lanes,
    nodes: kept.map((node) => ({ ...node, operation: withOperands(node.operation, rename) })),
    outputs: outputs.map(rename),
  }
}
