import { type Block, pathOf, type Unit } from './block.ts'
import { type Graph, visitSink } from './graph.ts'
import type { Memory, Node } from './netlist.ts'

/** Who reads a word directly: other words, and units (by the block that holds them). */
interface Readers {
  readonly nodes: Node[]
  readonly units: { readonly unit: Unit; readonly block: Block }[]
}

/**
 * Orders the units of every block so that what reads a register comes before what writes it, as far as
 * possible: then values can be stored at once, without keeping the old ones.
 */
export function orderUnits(graph: Graph, root: Block): void {
  const context: Context = {
    readers: collectReaders(graph, root),
    memoryReads: collectMemoryReads(graph),
    nodeCount: graph.netlist.nodes.length,
  }
  const sort = (block: Block) => {
    sortBlock(block, context)
    for (const { branch } of block.units) {
      if (!branch) continue
      sort(branch.one)
      sort(branch.zero)
    }
  }
  sort(root)
}

interface Context {
  readonly readers: readonly Readers[]
  readonly memoryReads: ReadonlyMap<Memory, Node[]>
  readonly nodeCount: number
}

function collectMemoryReads(graph: Graph): Map<Memory, Node[]> {
  const reads = new Map<Memory, Node[]>()
  for (const node of graph.order) {
    if (!node.memory) continue
    const list = reads.get(node.memory)
    if (list) list.push(node)
    else reads.set(node.memory, [node])
  }
  return reads
}

function collectReaders(graph: Graph, root: Block): Readers[] {
  const readers: Readers[] = graph.netlist.nodes.map(() => ({ nodes: [], units: [] }))
  for (const node of graph.order)
    for (const slices of node.slices)
      for (const { node: source } of slices) if (source) readers[source.id]!.nodes.push(node)
  const visit = (block: Block) => {
    for (const unit of block.units) {
      const read = (slices: readonly { readonly node: Node | undefined }[]) => {
        for (const { node } of slices) if (node) readers[node.id]!.units.push({ unit, block })
      }
      if (unit.item) visitSink(unit.item.sink, unit.item.tree, read)
      else {
        read(unit.branch.condition.slices)
        visit(unit.branch.one)
        visit(unit.branch.zero)
      }
    }
  }
  visit(root)
  return readers
}

/** Depth-first over "is read by": a unit follows all units that read what it writes, cycles aside. */
function sortBlock(block: Block, context: Context): void {
  if (block.units.length < 2) return
  const direct = new Map<Unit, number>()
  const ofSide = new Map<Block, number>()
  for (const [i, unit] of block.units.entries()) {
    direct.set(unit, i)
    if (unit.branch) {
      ofSide.set(unit.branch.one, i)
      ofSide.set(unit.branch.zero, i)
    }
  }
  const indexOf = (unit: Unit, inside: Block): number | undefined => {
    if (inside === block) return direct.get(unit)
    const side = pathOf(inside).find((at) => at.parent === block)
    return side && ofSide.get(side)
  }
  const seenNodes = new Uint8Array(context.nodeCount)
  const seenUnits = new Uint8Array(block.units.length)
  const sorted: Unit[] = []
  type Frame = { unit: number | undefined; nodes: Node[]; units: number[] }
  const expand = (frame: Frame, node: Node) => {
    const { nodes, units } = context.readers[node.id]!
    for (const reader of nodes) frame.nodes.push(reader)
    for (const { unit, block: inside } of units) {
      const index = indexOf(unit, inside)
      if (index !== undefined) frame.units.push(index)
    }
  }
  const enterUnit = (index: number): Frame => {
    seenUnits[index] = 1
    const frame: Frame = { unit: index, nodes: [], units: [] }
    visitSinks(block.units[index]!, (sink) => {
      if (sink.kind === 'register') expand(frame, sink.register.node)
      else for (const read of context.memoryReads.get(sink.write.memory) ?? []) frame.nodes.push(read)
    })
    return frame
  }
  for (let start = 0; start < block.units.length; start++) {
    if (seenUnits[start]) continue
    const stack: Frame[] = [enterUnit(start)]
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const unit = top.units.pop()
      if (unit !== undefined) {
        if (!seenUnits[unit]) stack.push(enterUnit(unit))
        continue
      }
      const node = top.nodes.pop()
      if (node) {
        if (seenNodes[node.id]) continue
        seenNodes[node.id] = 1
        const frame: Frame = { unit: undefined, nodes: [], units: [] }
        expand(frame, node)
        stack.push(frame)
        continue
      }
      stack.pop()
      if (top.unit !== undefined) sorted.push(block.units[top.unit]!)
    }
  }
  block.units.splice(0, block.units.length, ...sorted)
}

function visitSinks(unit: Unit, visit: (sink: NonNullable<Unit['item']>['sink']) => void): void {
  if (unit.item) visit(unit.item.sink)
  else
    for (const side of [unit.branch.one, unit.branch.zero])
      for (const inner of side.units) visitSinks(inner, visit)
}
