import { latchCells, planClocks, triggerEdges } from '../compiler/clocking.ts'
import { Netlist } from '../compiler/netlist.ts'
import { type Module, plainName } from '../compiler/rtlil.ts'

/** An asynchronous control among the triggers of a check: which one, and its active level. */
export interface Control {
  readonly at: number
  readonly rising: boolean
}

/** How time passes in a proof: in cycles of the one clock, or, with several, from edge to edge. */
export interface ProofClock {
  readonly oneClock: boolean
  /** The input that is the one clock, or one of them; none in a design without registers. */
  readonly name?: string
}

/** The asynchronous controls among the triggers of each check, by the name of its cell. */
export function controlsOf(module: Module): ReadonlyMap<string, readonly Control[]> {
  const netlist = new Netlist(module)
  const { controls } = planClocks(module, netlist)
  const checks = module.cells.filter(({ type }) => type === '$check')
  return new Map(
    checks.map((cell) => {
      const edges = triggerEdges(cell, netlist, controls)
      return [cell.name, edges.flatMap(({ control, rising }, at) => (control ? [{ at, rising }] : []))]
    }),
  )
}

/** One clock if everything waits for the same edge of one input, which is not read as data. */
export function proofClock(module: Module): ProofClock {
  const netlist = new Netlist(module)
  const { single, nets } = planClocks(module, netlist)
  // without clocks nothing can change between two steps, but for latches
  if (nets.size === 0) return { oneClock: !module.cells.some(({ type }) => latchCells.has(type)) }
  const bits = [...module.wires.values()].filter(
    ({ direction, width }) => direction === 'input' && width === 1,
  )
  // where every clock is made inside, any input can be the one that a simulation counts
  const wire = bits.find(({ base }) => nets.has(netlist.root(base))) ?? bits[0]
  if (wire === undefined) return { oneClock: false }
  const oneClock =
    single !== undefined && netlist.root(wire.base) === single.net && !isData(module, netlist, single.net)
  return { oneClock, name: plainName(wire.name) }
}

function isData(module: Module, netlist: Netlist, net: number): boolean {
  return module.cells.some((cell) =>
    [...cell.ports].some(
      ([port, bits]) => !/CLK$|^TRG$/.test(port) && bits.some((bit) => netlist.root(bit) === net),
    ),
  )
}
