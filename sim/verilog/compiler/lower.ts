import { GemgateError } from '../../../src/core/errors.ts'
import { Arithmetic } from './arithmetic.ts'
import { type Bits, ONE } from './bits.ts'
import { caseTables } from './case-tables.ts'
import { ignoredCells, lowerCombinational } from './cells.ts'
import {
  Clocking,
  type ClockPlan,
  clockInputs,
  latchCells,
  planClocks,
  registerCells,
  taskCells,
} from './clocking.ts'
import { ice40Logic, lowerIce40Logic, lowerIce40Register } from './ice40-cells.ts'
import { ice40Registers } from './ice40-registers.ts'
import { cutLoops } from './loops.ts'
import { type Memory, Netlist } from './netlist.ts'
import { unsupported } from './place.ts'
import { type Cell, type Module, plainName } from './rtlil.ts'
import { lowerMemoryReads, lowerMemoryWrites, lowerRegister, lowerTable, type StateContext } from './state.ts'
import { lowerTasks, type Task } from './tasks.ts'

export interface LoweredPort {
  readonly name: string
  readonly direction: 'input' | 'output'
  readonly width: number
  readonly signed: boolean
  readonly clock: boolean
  readonly falls: boolean
  readonly bits: Bits
}

export interface Lowered {
  readonly netlist: Netlist
  readonly ports: readonly LoweredPort[]
  readonly tasks: readonly Task[]
  readonly clocking: Clocking
  readonly plan: ClockPlan
  /** Inputs that are clocks. */
  readonly clocks: readonly string[]
  /** The clock that `step` drives; empty if there is none, or if several could be meant. */
  readonly mainClock: string
}

export interface LowerOptions {
  /** Name of the main clock, if the user gave one. */
  readonly clock: string | undefined
  /** Cells that must be computed bit by bit. */
  readonly bitByBit: ReadonlySet<string>
  /** The clock is read as data, so it needs edges even if it is the only one. */
  readonly clockIsData: boolean
  /** Combinational loops become state that follows its data. */
  readonly cutLoops: boolean
}

/** Turns a flat module into words. Everything that cannot be simulated exactly is refused here. */
export function lower(module: Module, options: LowerOptions): Lowered {
  const netlist = new Netlist(module)
  const plan = planClocks(module, netlist)
  const isSingle = plan.single !== undefined && !options.clockIsData && !options.cutLoops
  const clocking = new Clocking(netlist, isSingle)
  const ports = lowerPorts(module, netlist)
  if (clocking.isSingle) netlist.clock = netlist.driver(plan.single!.net)?.node
  const context: StateContext = {
    netlist,
    arithmetic: new Arithmetic(netlist, options.bitByBit),
    clocking,
    plan,
    initialOnes: initialOnes(module, netlist),
    outputNets: new Set(
      ports.flatMap((port) =>
        port.direction === 'output' ? [...port.bits].map((bit) => netlist.root(bit)) : [],
      ),
    ),
  }
  const sequential: Cell[] = []
  const taskCellsFound: Cell[] = []
  const memories: [Cell, Memory][] = []
  const tables = caseTables(module, netlist)
  for (const cell of module.cells) {
    netlist.place = cell
    const table = options.bitByBit.has(cell.name) ? undefined : tables.get(cell.name)
    if (ignoredCells.has(cell.type)) continue
    if (table) {
      lowerTable(cell, table, netlist)
      continue
    }
    if (registerCells.has(cell.type) || latchCells.has(cell.type) || ice40Registers.has(cell.type))
      sequential.push(cell)
    else if (taskCells.has(cell.type)) taskCellsFound.push(cell)
    else if (ice40Logic.has(cell.type)) lowerIce40Logic(cell, netlist, context.arithmetic)
    else if (cell.type === '$mem_v2') memories.push([cell, lowerMemoryReads(cell, context)])
    else lowerCombinational(cell, netlist, context.arithmetic)
  }
  // their operands now have drivers, which decides how wide registers are cut
  for (const cell of sequential) {
    netlist.place = cell
    if (ice40Registers.has(cell.type)) lowerIce40Register(cell, context)
    else lowerRegister(cell, context)
  }
  for (const [cell, memory] of memories) {
    netlist.place = cell
    lowerMemoryWrites(cell, memory, context)
  }
  const tasks = lowerTasks(taskCellsFound, context)
  netlist.place = undefined
  netlist.resolve()
  if (options.cutLoops) cutLoops(netlist)
  const clocks = clockInputs(module, netlist, plan)
  const mainClock = chooseClock(options.clock, clocks, ports)
  const falls = !clocking.isSingle || !plan.single!.rising
  const marked = ports.map((port) => {
    const clock = port.name === mainClock || clocks.includes(port.name)
    return { ...port, clock, falls: clock && falls }
  })
  return { netlist, ports: marked, tasks, clocking, plan, clocks, mainClock }
}

/** The clock that `step` drives. */
function chooseClock(
  named: string | undefined,
  clocks: readonly string[],
  ports: readonly LoweredPort[],
): string {
  const isInput = (name: string) =>
    ports.some((port) => port.name === name && port.direction === 'input' && port.width === 1)
  if (named !== undefined) {
    if (isInput(named) || clocks.length === 0) return isInput(named) ? named : ''
    throw new GemgateError(
      'GG_USAGE',
      `the clock '${named}' is no input of one bit`,
      `Clocks of this design: ${clocks.join(', ')}.`,
    )
  }
  if (clocks.includes('clk') && isInput('clk')) return 'clk'
  const [only] = clocks
  if (clocks.length === 1 && isInput(only!)) return only!
  return clocks.length === 0 && isInput('clk') ? 'clk' : ''
}

function lowerPorts(module: Module, netlist: Netlist): LoweredPort[] {
  const ports: LoweredPort[] = []
  for (const wire of module.wires.values()) {
    if (wire.direction === undefined) continue
    if (wire.direction === 'inout')
      throw unsupported('an inout port', 'Split it into an input, an output and an enable.', wire)
    const name = plainName(wire.name)
    const bits = Int32Array.from({ length: wire.width }, (_, i) => wire.base + i)
    ports.push({
      name,
      direction: wire.direction,
      width: wire.width,
      signed: wire.signed,
      clock: false,
      falls: false,
      bits,
    })
    if (wire.direction === 'output') continue
    netlist.place = wire
    const step = wire.width <= 64 ? 64 : 32
    for (let i = 0; i < wire.width; i += step) {
      const nets = bits.subarray(i, i + step)
      netlist.add({ operation: 'input', width: nets.length, inputs: [], nets })
    }
  }
  return ports
}

function initialOnes(module: Module, netlist: Netlist): Set<number> {
  const ones = new Set<number>()
  for (const wire of module.wires.values()) {
    if (!wire.initial) continue
    for (let i = 0; i < wire.width; i++) if (wire.initial[i] === ONE) ones.add(netlist.root(wire.base + i))
  }
  return ones
}
