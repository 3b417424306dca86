import { type NodeId, operandsOf, type ScalarNetlist } from '../netlist/scalar-netlist.ts'
import { isRom } from './delay.ts'
import type { Schedule } from './schedule.ts'

/** How long each value is needed. */
export interface Lifetimes {
  /** The node whose bits a node has: itself, or what a `scale` renames. */
  readonly root: Int32Array
  /** Last stage in which a root's value is read; the output lanes are read in stage `stages`. */
  readonly last: Int32Array
}

export function lifetimesOf(netlist: ScalarNetlist, { stages, stageOf }: Schedule): Lifetimes {
  const { nodes, outputs } = netlist
  const root = Int32Array.from(nodes, (_, id) => id)
  const last = stageOf.slice()
  const extend = (node: NodeId, stage: number): void => {
    const id = root[node]!
    if (stageOf[id]! >= 0) last[id] = Math.max(last[id]!, stage)
  }
  nodes.forEach(({ operation }, id) => {
    if (operation.kind === 'scale') root[id] = root[operation.a]!
    else
      for (const operand of operandsOf(operation)) extend(operand, stageOf[id]! - Number(isRom(netlist, id)))
  })
  for (const output of outputs) extend(output, stages)
  return { root, last }
}
