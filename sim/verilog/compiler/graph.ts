import { GemgateError } from '../../../src/core/errors.ts'
import type { MemoryWrite, Netlist, Node, Register, Slice } from './netlist.ts'
import { sourceContext } from './place.ts'
import { plainName } from './rtlil.ts'
import { enableTree, type IsShared, registerTree, type Tree, visitTree } from './tree.ts'

/** Something that changes state on a clock edge. */
export type Sink = RegisterSink | WriteSink

export interface RegisterSink {
  readonly kind: 'register'
  readonly register: Register
  readonly tree: Tree
}

export interface WriteSink {
  readonly kind: 'write'
  readonly write: MemoryWrite
  readonly port: number
  readonly index: readonly Slice[]
  readonly parts: readonly { readonly data: readonly Slice[]; readonly mask: readonly Slice[] | undefined }[]
  readonly tree: Tree
}

/** The sinks of a design and the live words that feed them, operands before users. */
export interface Graph {
  readonly netlist: Netlist
  readonly sinks: readonly Sink[]
  readonly order: readonly Node[]
}

export function buildGraph(
  netlist: Netlist,
  registers: readonly Register[] = netlist.registers,
  writes: readonly MemoryWrite[] = netlist.writes,
): Graph {
  const sinks: Sink[] = []
  const isShared = sharedWords(netlist)
  for (const register of registers) {
    const tree = registerTree(register.data, register.node.nets, netlist, isShared)
    if (tree) sinks.push({ kind: 'register', register, tree })
  }
  for (const [port, write] of writes.entries()) {
    const tree = enableTree(write.enable, netlist)
    if (!tree) continue
    const index = netlist.slices(write.index, undefined)
    const parts = write.parts.map(({ data, mask }) => ({
      data: netlist.slices(data, undefined),
      mask: mask && netlist.slices(mask, undefined),
    }))
    sinks.push({ kind: 'write', write, port, index, parts, tree })
  }
  const roots: (readonly Slice[])[] = []
  for (const sink of sinks) visitSink(sink, sink.tree, (slices) => roots.push(slices))
  return { netlist, sinks, order: topologicalOrder(roots, netlist) }
}

/** Finds words that more than one word, register or memory port reads. */
function sharedWords(netlist: Netlist): IsShared {
  const reader = new Int32Array(netlist.nodes.length).fill(-1)
  const shared = new Uint8Array(netlist.nodes.length)
  let next = 0
  const read = (slices: readonly Slice[]) => {
    for (const { node } of slices) {
      if (!node) continue
      if (reader[node.id] === -1) reader[node.id] = next
      else if (reader[node.id] !== next) shared[node.id] = 1
    }
  }
  for (const { slices } of netlist.nodes) {
    slices.forEach(read)
    next++
  }
  for (const { data } of netlist.registers) {
    read(netlist.slices(data, undefined))
    next++
  }
  for (const { index, parts } of netlist.writes) {
    read(netlist.slices(index, undefined))
    for (const { data } of parts) read(netlist.slices(data, undefined))
    next++
  }
  return ({ id }) => shared[id] === 1
}

/** Everything a sink reads if its tree is this one, with the conditions under which it does. */
export function visitSink(
  sink: Sink,
  tree: Tree,
  visit: (slices: readonly Slice[], path: readonly number[]) => void,
): void {
  visitTree(tree, (slices, path, isCondition) => {
    visit(slices, path)
    if (sink.kind === 'register' || isCondition) return
    visit(sink.index, path)
    for (const { data, mask } of sink.parts) {
      visit(data, path)
      if (mask) visit(mask, path)
    }
  })
}

/** Live operations with operands before users. A combinational loop is refused. */
export function topologicalOrder(roots: readonly (readonly Slice[])[], netlist: Netlist): Node[] {
  const order: Node[] = []
  const state = new Uint8Array(netlist.nodes.length)
  const [open, done] = [1, 2]
  for (const slices of roots) {
    for (const { node: root } of slices) {
      if (!root || state[root.id] !== 0) continue
      const path: { node: Node; operands: Node[] }[] = []
      const enter = (node: Node) => {
        state[node.id] = open
        path.push({ node, operands: operandsOf(node) })
      }
      enter(root)
      while (path.length > 0) {
        const top = path[path.length - 1]!
        const next = top.operands.pop()
        if (!next) {
          state[top.node.id] = done
          path.pop()
          if (top.node.operation !== 'input' && top.node.operation !== 'register') order.push(top.node)
        } else if (state[next.id] === open) {
          const start = path.findIndex(({ node }) => node === next)
          throw loop(
            path.slice(start).map(({ node }) => node),
            netlist,
          )
        } else if (state[next.id] === 0) enter(next)
      }
    }
  }
  return order
}

function operandsOf(node: Node): Node[] {
  return node.slices.flatMap((slices) => slices.flatMap(({ node: operand }) => operand ?? []))
}

const loopCells = Symbol('cells of a combinational loop')

/** The cells of a loop that was refused; empty for any other error. */
export function cellsOfLoop(error: unknown): readonly string[] {
  return (error as { [loopCells]?: readonly string[] } | undefined)?.[loopCells] ?? []
}

function loop(nodes: readonly Node[], netlist: Netlist): GemgateError {
  const places = new Map(nodes.flatMap(({ place }) => (place ? [[place.name, place] as const] : [])))
  const named = [...places.values()]
  const signals = [...new Set(nodes.flatMap(({ nets }) => netlist.signalName(nets) ?? []))].slice(0, 4)
  const list = named.slice(0, 4).map(({ type, name, source }) => {
    const at = source ? ` (${source.split('|')[0]})` : ''
    return `${type ? `${type} ` : ''}${plainName(name)}${at}`
  })
  const more = named.length > 4 ? ` and ${named.length - 4} more` : ''
  const error = new GemgateError(
    'GG_VERILOG_LOOP',
    `a combinational loop through ${[signals.join(', '), list.join(', ')].filter(Boolean).join(': ')}${more}`,
    'Break the loop with a register.',
    sourceContext(named[0]?.source),
  )
  return Object.assign(error, { [loopCells]: named.map(({ name }) => name) })
}
