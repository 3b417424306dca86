import { constantBits, ONE, ZERO } from './bits.ts'
import { ice40Registers } from './ice40-registers.ts'
import type { Netlist, Node } from './netlist.ts'
import { type Cell, type Module, parameterNumber, plainName } from './rtlil.ts'

/** A change of a net that something waits for. */
export interface Edge {
  readonly net: number
  readonly rising: boolean
  /** An asynchronous control, which also counts as an edge if it is active from the start. */
  readonly control?: boolean
}

/** A bit in memory that is 1 while the changes of one edge take place. */
export interface Trigger {
  readonly edges: readonly Edge[]
  readonly node: Node
}

/** Flip-flops, all with CLK and CLK_POLARITY. */
export const registerCells: ReadonlySet<string> = new Set([
  '$dff',
  '$dffe',
  '$sdff',
  '$sdffe',
  '$sdffce',
  '$adff',
  '$adffe',
  '$aldff',
  '$aldffe',
  '$dffsr',
  '$dffsre',
])

/** Everything that follows its inputs as long as a level lasts. */
export const latchCells: ReadonlySet<string> = new Set(['$dlatch', '$adlatch', '$dlatchsr', '$sr'])

export const taskCells: ReadonlySet<string> = new Set(['$print', '$check'])

/** What the clocks of a design are. */
export interface ClockPlan {
  /** The only clock input and its edge, if the design has no state that waits for anything else; -1 without clocks. */
  readonly single: { readonly net: number; readonly rising: boolean } | undefined
  /** Nets whose edges something waits for, asynchronous controls aside. */
  readonly nets: ReadonlySet<number>
  /** Nets that set, reset or load flip-flops at any time. */
  readonly controls: ReadonlySet<number>
}

/** Looks at all cells with clocks, before anything is lowered. */
export function planClocks(module: Module, netlist: Netlist): ClockPlan {
  const controls = new Set<number>()
  for (const { type, ports } of module.cells)
    if (registerCells.has(type))
      for (const port of ['ARST', 'ALOAD', 'SET', 'CLR'])
        for (const bit of ports.get(port) ?? []) controls.add(netlist.root(bit))
  const edges = module.cells.flatMap((cell) => clockEdges(cell, netlist, controls))
  const nets = new Set(edges.map(({ net }) => net))
  const { net, rising } = edges[0] ?? { net: -1, rising: true }
  const levels = module.cells.some(({ type }) => latchCells.has(type) || type.startsWith('$aldff'))
  const same = edges.every((edge) => edge.net === net && edge.rising === rising)
  const port = [...module.wires.values()].find((wire) => wire.direction === 'input' && wire.base === net)
  const plain = !levels && same && (net < 0 || port?.width === 1)
  return { single: plain ? { net, rising } : undefined, nets, controls }
}

/** The clock edges of a flip-flop, a memory or a system task. */
function clockEdges(cell: Cell, netlist: Netlist, controls: ReadonlySet<number>): Edge[] {
  const edge = (net: number | undefined, rising: boolean): Edge[] => {
    const root = net === undefined ? -1 : netlist.root(net)
    return root < 0 ? [] : [{ net: root, rising }]
  }
  if (registerCells.has(cell.type))
    return edge(cell.ports.get('CLK')?.[0], parameterNumber(cell, 'CLK_POLARITY') === 1)
  if (ice40Registers.has(cell.type)) return edge(cell.ports.get('C')?.[0], true)
  if (taskCells.has(cell.type)) return triggerEdges(cell, netlist, controls).filter((e) => !e.control)
  if (cell.type !== '$mem_v2') return []
  const width = parameterNumber(cell, 'WIDTH')
  const polarities = flags(cell, 'WR_CLK_POLARITY')
  const clocks = cell.ports.get('WR_CLK') ?? new Int32Array(0)
  return Array.from({ length: parameterNumber(cell, 'WR_PORTS') }, (_, port) => {
    const enables = cell.ports.get('WR_EN')!.subarray(port * width, (port + 1) * width)
    // a port that never writes, as of a table in a netlist, needs no clock
    const writes = enables.some((bit) => netlist.root(bit) >= 0 || netlist.root(bit) === ONE)
    return writes ? edge(clocks[port], polarities[port] === ONE) : []
  }).flat()
}

/** A parameter with one bit per port. */
export function flags(cell: Cell, name: string): Int32Array {
  return constantBits(cell.parameters.get(name) ?? "1'0")
}

/** What a `$print` or `$check` waits for; of several nets all but the clock are asynchronous controls. */
export function triggerEdges(cell: Cell, netlist: Netlist, controls: ReadonlySet<number>): Edge[] {
  const polarities = flags(cell, 'TRG_POLARITY')
  const edges = Array.from(cell.ports.get('TRG') ?? [], (bit, i) => ({
    net: netlist.root(bit),
    rising: polarities[i] === ONE,
  })).filter(({ net }) => net >= 0)
  if (edges.length < 2) return edges
  // without a flip-flop to compare with, the clock is the first that rises
  const free = edges.findIndex(({ net }) => !controls.has(net))
  const known = edges.some(({ net }) => controls.has(net)) && free >= 0
  const rises = edges.findIndex(({ rising }) => rising)
  const clock = known ? free : Math.max(0, rises)
  return edges.map((edge, i) => ({ ...edge, control: i !== clock }))
}

/** Gives state its clock: the one of the design, or a trigger. */
export class Clocking {
  readonly triggers: Trigger[] = []
  readonly #netlist: Netlist
  readonly #isSingle: boolean
  readonly #known = new Map<string, Trigger>()

  /** @param isSingle everything clocked happens at one edge, which is told apart from outside */
  constructor(netlist: Netlist, isSingle: boolean) {
    this.#netlist = netlist
    this.#isSingle = isSingle
  }

  get isSingle(): boolean {
    return this.#isSingle
  }

  /** A net that is 1 while one of the edges takes place; ONE in a design with one clock, ZERO for constant clocks. */
  trigger(edges: readonly Edge[]): number {
    const real = edges
      .map((edge) => ({ ...edge, net: this.#netlist.root(edge.net) }))
      .filter(({ net }) => net >= 0)
    if (real.length === 0) return ZERO
    if (this.#isSingle) return ONE
    const texts = real.map(({ net, rising, control }) => `${net}${rising ? '+' : '-'}${control ? 'c' : ''}`)
    const key = texts.sort().join()
    let trigger = this.#known.get(key)
    if (!trigger) {
      trigger = { edges: real, node: pseudoInput(this.#netlist) }
      this.#known.set(key, trigger)
      this.triggers.push(trigger)
    }
    return trigger.node.nets[0]!
  }
}

/** A bit in memory that generated code sets and others read. */
function pseudoInput(netlist: Netlist): Node {
  return netlist.add({ operation: 'input', width: 1, inputs: [], nets: netlist.newNets(1) })
}

/** Inputs of the top module that are clocks; if none is, those that clocks are made of. */
export function clockInputs(module: Module, netlist: Netlist, plan: ClockPlan): string[] {
  const inputs = [...module.wires.values()].filter(({ direction }) => direction === 'input')
  const among = (nets: ReadonlySet<number>) =>
    inputs
      .filter(({ base, width }) => Array.from({ length: width }, (_, i) => base + i).some((n) => nets.has(n)))
      .map(({ name }) => plainName(name))
  const direct = among(plan.nets)
  if (direct.length > 0) return direct
  const cone = new Set<number>()
  for (const { nets } of coneOf(plan.nets, netlist)) for (const net of nets) cone.add(netlist.root(net))
  return among(cone)
}

/** Every word that nets depend on, up to state and inputs. */
export function coneOf(nets: Iterable<number>, netlist: Netlist): Set<Node> {
  const cone = new Set<Node>()
  const pending = [...nets]
  for (let net = pending.pop(); net !== undefined; net = pending.pop()) {
    const node = netlist.driver(net)?.node
    if (!node || cone.has(node)) continue
    cone.add(node)
    for (const bits of node.inputs) for (const bit of bits) pending.push(bit)
  }
  return cone
}
