import { Arithmetic } from './arithmetic.ts'
import { type Bits, ONE } from './bits.ts'
import { ignoredCells, lowerCombinational } from './cells.ts'
import { ice40Logic, ice40Registers, lowerIce40Logic, lowerIce40Register } from './ice40-cells.ts'
import { type Memory, Netlist } from './netlist.ts'
import { unsupported } from './place.ts'
import { type Cell, type Module, plainName } from './rtlil.ts'
import {
  lowerMemoryReads,
  lowerMemoryWrites,
  lowerRegister,
  registerCells,
  type StateContext,
} from './state.ts'

export interface LoweredPort {
  readonly name: string
  readonly direction: 'input' | 'output'
  readonly width: number
  readonly signed: boolean
  readonly clock: boolean
  readonly bits: Bits
}

/** Turns a flat module into words. Everything that cannot be simulated exactly is refused here. */
export function lower(
  module: Module,
  clockName: string,
  bitByBit: ReadonlySet<string>,
): { netlist: Netlist; ports: LoweredPort[] } {
  const netlist = new Netlist(module)
  const ports = lowerPorts(module, netlist, clockName)
  const clock = module.wires.get(`\\${clockName}`)
  const context: StateContext = {
    netlist,
    arithmetic: new Arithmetic(netlist, bitByBit),
    clockNet: clock?.direction === 'input' ? clock.base : undefined,
    clockName,
    initialOnes: initialOnes(module, netlist),
    outputNets: new Set(
      ports.flatMap((port) =>
        port.direction === 'output' ? [...port.bits].map((bit) => netlist.root(bit)) : [],
      ),
    ),
  }
  const sequential: Cell[] = []
  const memories: [Cell, Memory][] = []
  for (const cell of module.cells) {
    netlist.place = cell
    if (ignoredCells.has(cell.type)) continue
    if (registerCells.has(cell.type) || ice40Registers.has(cell.type)) sequential.push(cell)
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
  netlist.place = undefined
  netlist.resolve()
  return { netlist, ports }
}

function lowerPorts(module: Module, netlist: Netlist, clockName: string): LoweredPort[] {
  const ports: LoweredPort[] = []
  for (const wire of module.wires.values()) {
    if (wire.direction === undefined) continue
    if (wire.direction === 'inout')
      throw unsupported('an inout port', 'Split it into an input, an output and an enable.', wire)
    const name = plainName(wire.name)
    const bits = Int32Array.from({ length: wire.width }, (_, i) => wire.base + i)
    const clock = wire.direction === 'input' && name === clockName
    ports.push({ name, direction: wire.direction, width: wire.width, signed: wire.signed, clock, bits })
    if (wire.direction === 'output') continue
    netlist.place = wire
    const step = wire.width <= 64 ? 64 : 32
    for (let i = 0; i < wire.width; i += step) {
      const nets = bits.subarray(i, i + step)
      const node = netlist.add({ operation: 'input', width: nets.length, inputs: [], nets })
      if (clock) netlist.clock = node
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
