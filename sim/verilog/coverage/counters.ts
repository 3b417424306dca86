import { type Bits, ZERO } from '../compiler/bits.ts'
import { Netlist } from '../compiler/netlist.ts'
import type { Cell, Module, Wire } from '../compiler/rtlil.ts'

/** Bits of a counter: more than a simulation can count. */
const counterWidth = 48

const groupWire = /^\\(.*\.)?\$coverage\.(\d+)\.(hit|signal)$/

/** Where a flat design keeps the coverage of one group of one instance, by names of registers. */
export interface GroupNames {
  readonly group: number
  /** Counters, one per bit of the group; or, of a signal, which bits rose and which fell. */
  readonly probes: readonly string[]
  /** Instead of registers, in a design without a clock: an output. */
  readonly output?: string
}

/** Turns the wires of an instrumented and flattened design into counters, each on the clock of its code. */
export function addCounters(
  module: Module,
  mainClock: string | undefined,
): { module: Module; groups: GroupNames[] } {
  const adder = new CounterAdder(module, mainClock)
  const groups = [...module.wires.values()].flatMap((wire) => {
    const match = groupWire.exec(wire.name)
    return match ? adder.group(wire, Number(match[2]), match[3] as 'hit' | 'signal') : []
  })
  return { module: adder.finish(), groups }
}

interface Edge {
  readonly net: number
  readonly rising: boolean
}

class CounterAdder {
  readonly #module: Module
  readonly #netlist: Netlist
  readonly #wires: Map<string, Wire>
  readonly #cells: Cell[]
  readonly #mainClock: Edge | undefined
  /** Instances that look at the same nets share the registers. */
  readonly #known = new Map<string, readonly string[]>()
  /** Nets that clock something. */
  readonly #clocks: ReadonlySet<number>
  /** What plain registers take at the next edge, by the net that they drive. */
  readonly #next = new Map<number, { data: number; clock: number; rising: boolean }>()
  #nets: number

  constructor(module: Module, mainClock: string | undefined) {
    this.#module = module
    this.#netlist = new Netlist(module)
    // the companions have told what they are for, and a kept wire would hold on to its signal
    this.#wires = new Map([...module.wires].filter(([name]) => !name.includes('$coverage.')))
    this.#cells = [...module.cells]
    this.#nets = module.netCount
    const clock = module.wires.get(`\\${mainClock}`)
    const register = module.cells.find(({ ports }) => ports.has('CLK') && ports.get('CLK')!.length === 1)
    for (const { type, ports, parameters } of module.cells) {
      if (type !== '$dff') continue
      const clock = this.#netlist.root(ports.get('CLK')![0]!)
      const rising = parameters.get('CLK_POLARITY')!.endsWith('1')
      ports.get('Q')!.forEach((q, i) => {
        this.#next.set(this.#netlist.root(q), { data: ports.get('D')![i]!, clock, rising })
      })
    }
    const used = module.cells.flatMap(({ ports }) => [...(ports.get('CLK') ?? [])])
    this.#clocks = new Set([...used, ...(clock ? [clock.base] : [])].map((net) => this.#netlist.root(net)))
    if (clock?.direction === 'input') this.#mainClock = { net: clock.base, rising: true }
    else if (register) this.#mainClock = { net: register.ports.get('CLK')![0]!, rising: true }
  }

  group(wire: Wire, group: number, kind: 'hit' | 'signal'): GroupNames[] {
    const stem = wire.name.slice(0, -kind.length)
    const edge = (['posedge', 'negedge'] as const).flatMap((name) => {
      const companion = this.#module.wires.get(stem + name)
      return companion ? [{ net: companion.base, rising: name === 'posedge' }] : []
    })
    const clock = edge[0] ?? this.#mainClock
    if (!clock) {
      this.#wires.set(wire.name, { ...wire, direction: 'output' })
      return [{ group, probes: [], output: wire.name.slice(1) }]
    }
    const bits = Int32Array.from({ length: wire.width }, (_, i) => wire.base + i)
    const roots = Array.from(bits, (bit) => this.#netlist.root(bit))
    // a clock changes between the moments at which signals are looked at
    if (kind === 'signal' && roots.some((net) => this.#clocks.has(net))) return []
    const key = `${kind} ${this.#netlist.root(clock.net)} ${clock.rising} ${roots}`
    let probes = this.#known.get(key)
    if (!probes) {
      probes = kind === 'hit' ? this.#counters(stem, bits, clock) : this.#toggles(stem, bits, clock)
      this.#known.set(key, probes)
    }
    return [{ group, probes }]
  }

  finish(): Module {
    return { ...this.#module, wires: this.#wires, cells: this.#cells, netCount: this.#nets }
  }

  #counters(stem: string, bits: Bits, clock: Edge): string[] {
    return Array.from(bits, (bit, i) => {
      const name = `${stem}count${i}`
      const count = this.#wire(name, counterWidth)
      const wide = new Int32Array(counterWidth).fill(ZERO)
      wide[0] = bit
      this.#register(count, this.#operate('$add', count, wide), clock)
      return name.slice(1)
    })
  }

  #toggles(stem: string, bits: Bits, clock: Edge): string[] {
    const [before, now] = this.#change(stem, bits, clock)
    return (['rose', 'fell'] as const).map((which) => {
      const name = `${stem}${which}`
      const seen = this.#wire(name, bits.length)
      const [high, low] = which === 'rose' ? [now, before] : [before, now]
      const changed = this.#operate('$and', high, this.#not(low))
      this.#register(seen, this.#operate('$or', seen, changed), clock)
      return name.slice(1)
    })
  }

  /** A signal before and after an edge: what a register holds and takes, or what another signal was at the last edge. */
  #change(stem: string, bits: Bits, clock: Edge): [Bits, Bits] {
    const next = Array.from(bits, (bit) => this.#next.get(this.#netlist.root(bit)))
    const clockNet = this.#netlist.root(clock.net)
    if (next.every((one) => one?.rising === clock.rising && one.clock === clockNet))
      return [bits, Int32Array.from(next, (one) => one!.data)]
    const before = this.#wire(`${stem}before`, bits.length)
    this.#register(before, bits, clock)
    return [before, bits]
  }

  #wire(name: string, width: number): Bits {
    const base = this.#nets
    this.#nets += width
    const wire = { name, width, base, direction: undefined, signed: false }
    this.#wires.set(name, { ...wire, initial: undefined, source: undefined })
    return Int32Array.from({ length: width }, (_, i) => base + i)
  }

  #cell(type: string, parameters: Record<string, number>, ports: Record<string, Bits>): void {
    this.#cells.push({
      type,
      name: `$coverage$${this.#cells.length}`,
      source: undefined,
      parameters: new Map(Object.entries(parameters).map(([name, value]) => [name, `${value}`])),
      ports: new Map(Object.entries(ports)),
    })
  }

  #operate(type: '$add' | '$and' | '$or', a: Bits, b: Bits): Bits {
    const y = this.#wire(`$coverage$net$${this.#nets}`, a.length)
    this.#cell(
      type,
      { A_SIGNED: 0, B_SIGNED: 0, A_WIDTH: a.length, B_WIDTH: b.length, Y_WIDTH: y.length },
      { A: a, B: b, Y: y },
    )
    return y
  }

  #not(a: Bits): Bits {
    const y = this.#wire(`$coverage$net$${this.#nets}`, a.length)
    this.#cell('$not', { A_SIGNED: 0, A_WIDTH: a.length, Y_WIDTH: y.length }, { A: a, Y: y })
    return y
  }

  #register(q: Bits, d: Bits, clock: Edge): void {
    this.#cell(
      '$dff',
      { WIDTH: q.length, CLK_POLARITY: clock.rising ? 1 : 0 },
      { CLK: Int32Array.of(clock.net), D: d, Q: q },
    )
  }
}
