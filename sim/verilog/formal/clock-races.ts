import { GemgateError } from '../../../src/core/errors.ts'
import { ONE } from '../compiler/bits.ts'
import { flags, latchCells, planClocks, registerCells, triggerEdges } from '../compiler/clocking.ts'
import { Netlist } from '../compiler/netlist.ts'
import { type Cell, type Module, plainName } from '../compiler/rtlil.ts'

/** What makes a net change: edges of inputs as `net+` and `net-`, and how many registers stand between them and the net. */
interface Origin {
  readonly edges: ReadonlySet<string>
  readonly depth: number
}

const clockPorts = new Set(['CLK', 'TRG', 'WR_CLK', 'RD_CLK'])
const outputPorts = new Set(['Q', 'Y', 'RD_DATA'])

/**
 * A step of the solver changes everything at once; in Verilog a clock that a register makes comes a moment after the
 * clock of that register. What depends on that moment cannot be proven.
 * @throws GemgateError GG_VERILOG_UNSUPPORTED, naming the clock
 */
export function refuseClockRaces(module: Module): void {
  const races = new ClockRaces(module)
  for (const cell of module.cells) races.check(cell)
}

class ClockRaces {
  readonly #netlist: Netlist
  readonly #module: Module
  readonly #controls: ReadonlySet<number>
  readonly #drivers = new Map<number, Cell>()
  readonly #origins = new Map<number, Origin>()

  constructor(module: Module) {
    this.#module = module
    this.#netlist = new Netlist(module)
    this.#controls = planClocks(module, this.#netlist).controls
    for (const cell of module.cells)
      for (const [port, bits] of cell.ports)
        if (outputPorts.has(port)) for (const bit of bits) this.#drivers.set(this.#netlist.root(bit), cell)
  }

  check(cell: Cell): void {
    const made = this.#clocksOf(cell).filter(({ net }) => this.#drivers.has(net))
    for (const { net } of made) {
      const clock = this.#originOf(net)
      if (clock.depth === 0) continue
      for (const source of this.#sources(this.#dataOf(cell)).cells)
        for (const other of this.#clocksOf(source)) {
          if (other.net === net) continue
          const { edges, depth } = this.#edgeOrigin(other)
          if (depth < clock.depth && meet(edges, clock.edges)) throw this.#race(net)
        }
    }
  }

  /** Registers, latches and memories that nets depend on, and inputs. */
  #sources(nets: Iterable<number>): { cells: Set<Cell>; inputs: Set<number>; gates: Set<Cell> } {
    const [cells, inputs, gates] = [new Set<Cell>(), new Set<number>(), new Set<Cell>()]
    const pending = [...nets]
    for (let net = pending.pop(); net !== undefined; net = pending.pop()) {
      const root = this.#netlist.root(net)
      const cell = this.#drivers.get(root)
      if (root < 0 || (cell && gates.has(cell))) continue
      if (!cell) inputs.add(root)
      else if (this.#clocksOf(cell).length > 0) cells.add(cell)
      else {
        gates.add(cell)
        pending.push(...this.#dataOf(cell))
      }
      if (cell?.type === '$mem_v2') pending.push(...cell.ports.get('RD_ADDR')!)
    }
    return { cells, inputs, gates }
  }

  /** What a cell reads besides its clocks. */
  #dataOf(cell: Cell): number[] {
    return [...cell.ports].flatMap(([port, bits]) =>
      clockPorts.has(port) || outputPorts.has(port) ? [] : [...bits],
    )
  }

  #clocksOf(cell: Cell): { net: number; rising: boolean }[] {
    if (registerCells.has(cell.type))
      return [
        {
          net: this.#netlist.root(cell.ports.get('CLK')![0]!),
          rising: cell.parameters.get('CLK_POLARITY')!.endsWith('1'),
        },
      ]
    if (cell.type === '$check')
      return triggerEdges(cell, this.#netlist, this.#controls).filter(({ control }) => !control)
    if (cell.type !== '$mem_v2') return []
    const rising = flags(cell, 'WR_CLK_POLARITY')
    return Array.from(cell.ports.get('WR_CLK') ?? [], (net, i) => ({
      net: this.#netlist.root(net),
      rising: rising[i] === ONE,
    })).filter(({ net }) => net >= 0)
  }

  #edgeOrigin({ net, rising }: { net: number; rising: boolean }): Origin {
    if (!this.#drivers.has(net)) return { edges: new Set([edge(net, rising)]), depth: 0 }
    return this.#originOf(net)
  }

  #originOf(net: number): Origin {
    const known = this.#origins.get(net)
    if (known) return known
    // a clock that stops itself
    this.#origins.set(net, { edges: new Set(), depth: Number.POSITIVE_INFINITY })
    const { cells, inputs, gates } = this.#sources([net])
    const origins: Origin[] = [...inputs].map((input) => ({
      edges: new Set([edge(input, true), edge(input, false)]),
      depth: 0,
    }))
    for (const cell of cells)
      for (const clock of this.#clocksOf(cell)) {
        const { edges, depth } = this.#edgeOrigin(clock)
        if (depth === 0 && this.#isGate(net, clock)) continue
        origins.push({ edges, depth: depth + 1 })
      }
    const isLatched = [...gates].some(({ type }) => latchCells.has(type))
    const origin = {
      edges: new Set(origins.flatMap(({ edges }) => [...edges])),
      depth: Math.max(0, ...origins.map(({ depth }) => depth)),
    }
    // of two that change at one edge, but one after the other, the clock sees a glitch
    const glitch = origins.some((one) =>
      origins.some((other) => one.depth < other.depth && meet(one.edges, other.edges)),
    )
    if ((glitch && !isLatched) || origin.depth === Number.POSITIVE_INFINITY) throw this.#race(net)
    this.#origins.set(net, origin)
    return origin
  }

  /** A clock gate whose enable changes only while the clock holds it closed. */
  #isGate(net: number, enable: { net: number; rising: boolean }): boolean {
    const gate = this.#drivers.get(net)
    const inputs = ['A', 'B'].flatMap((port) => [...(gate?.ports.get(port) ?? [])])
    if (inputs.length !== 2 || !inputs.some((bit) => this.#netlist.root(bit) === enable.net)) return false
    return enable.rising ? /^\$(logic_)?or$/.test(gate!.type) : /^\$(logic_)?and$/.test(gate!.type)
  }

  #race(net: number): GemgateError {
    const wire = [...this.#module.wires.values()].find(
      ({ name, base, width }) =>
        name.startsWith('\\') &&
        Array.from({ length: width }, (_, i) => this.#netlist.root(base + i)).includes(net),
    )
    return new GemgateError(
      'GG_VERILOG_UNSUPPORTED',
      `the clock ${wire ? plainName(wire.name) : 'of a register'} changes just behind another clock, with data or a gate in between that a proof would see too early`,
      'Prove the parts on both sides for themselves, or give registers an enable instead of a clock of their own.',
    )
  }
}

const edge = (net: number, rising: boolean): string => `${net}${rising ? '+' : '-'}`

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((item) => other.has(item))
}
