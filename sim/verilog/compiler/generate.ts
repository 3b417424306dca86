import type { CoverageLayout } from '../coverage/coverage-data.ts'
import { Area, assemble, type ControlInfo } from './assemble.ts'
import type { Bits } from './bits.ts'
import { rootBlock } from './block.ts'
import { convert, Evaluator } from './evaluate.ts'
import { local, typeOf } from './expression.ts'
import { gate } from './gating.ts'
import { buildGraph, cellsOfLoop, topologicalOrder } from './graph.ts'
import { resolveHazards } from './hazards.ts'
import {
  type Computed,
  collectProbes,
  layOut,
  type MemoryInfo,
  type Port,
  type Probe,
  type Segment,
} from './layout.ts'
import { type LowerOptions, lower } from './lower.ts'
import { expandWrites } from './memory-store.ts'
import { ClockAsData, type Memory, type Netlist, type Slice } from './netlist.ts'
import { orderUnits } from './order.ts'
import { Placement } from './placement.ts'
import { rollLoops } from './roll.ts'
import { type Module, parseRtlil, plainName } from './rtlil.ts'
import { type Program, scheduleStep } from './schedule.ts'
import { Locals, type Statement } from './statement.ts'
import { layOutTrace, type Signal } from './trace.ts'
import { VectorConstants } from './vector-constants.ts'
import { vectorize } from './vectorize.ts'

/** Memory behind that of the design, where streams of a test bench go through. */
export const streamWindowBytes = 2 ** 20

/** How large a design is; coverage adds to the cells. */
export interface DesignStatistics {
  /** Word-level cells of the flat design. */
  readonly cells: number
  readonly registerBits: number
}

/** Everything needed to run a design; plain data, so that it can be cached. */
export interface GeneratedDesign {
  readonly top: string
  /** Name of the main clock; empty if there is none. */
  readonly clock: string
  readonly control: ControlInfo
  readonly ports: readonly Port[]
  readonly probes: readonly Probe[]
  readonly memories: readonly MemoryInfo[]
  /** Every named signal, if the design was compiled with `trace`; else none. */
  readonly signals: readonly Signal[]
  /** Bytes of linear memory that the design uses; `streamWindowBytes` more lie behind, for test benches. */
  readonly size: number
  readonly image: readonly Segment[]
  readonly wasm: Uint8Array
  readonly statistics: DesignStatistics
  /** Where the design counts its coverage, if it was compiled with it. */
  readonly coverage?: CoverageLayout
}

export interface GenerateOptions {
  /** Name of the main clock, where the design leaves it open. */
  readonly clock?: string | undefined
  /** Combinational loops are computed again until they rest. */
  readonly settleLoops?: boolean
  /** Instructions that a branch must save; Infinity turns gating off. */
  readonly gateThreshold?: number
  /** `settle` also computes every named signal. */
  readonly trace?: boolean
  /** Adds to the flat module before it is translated. */
  readonly transform?: (module: Module) => Module
}

/** Flat RTLIL text in, WebAssembly out. */
export function generate(rtlil: string, options: GenerateOptions): GeneratedDesign {
  const flat = parseRtlil(rtlil)
  const module = options.transform?.(flat) ?? flat
  const bitByBit = new Set<string>()
  let clockIsData = false
  let cutLoops = false
  for (;;) {
    try {
      const how = { clock: options.clock, bitByBit, clockIsData, cutLoops }
      return { ...translate(module, options, how), statistics: statisticsOf(flat) }
    } catch (error) {
      if (error instanceof ClockAsData) {
        clockIsData = true
        continue
      }
      // bits of one word may feed each other without a loop: then words must be cut
      const known = bitByBit.size
      for (const name of cellsOfLoop(error)) bitByBit.add(name)
      if (bitByBit.size > known) continue
      if (!options.settleLoops || cutLoops || cellsOfLoop(error).length === 0) throw error
      cutLoops = true
    }
  }
}

function statisticsOf({ cells }: Module): DesignStatistics {
  const registers = cells.filter(({ type, ports }) => ports.has('Q') && type !== '$mem_v2')
  const registerBits = registers.reduce((sum, { ports }) => sum + ports.get('Q')!.length, 0)
  return { cells: cells.length, registerBits }
}

function translate(
  module: Module,
  options: GenerateOptions,
  how: LowerOptions,
): Omit<GeneratedDesign, 'statistics'> {
  const lowered = lower(module, how)
  const { netlist, ports, mainClock } = lowered
  const layout = layOut(netlist, ports)
  const threshold = options.gateThreshold
  const constants = new VectorConstants(layout.size)
  const update = generateUpdate(netlist, constants, threshold)
  const area = new Area(constants.end)
  const { info, encode } = assemble({ lowered, threshold, update }, area)
  const trace = options.trace ? layOutTrace(module, netlist, { ...layout, size: area.end }) : undefined
  const outputs = generateOutputs(netlist, [...layout.computed, ...(trace?.computed ?? [])])
  const size = trace?.size ?? area.end
  return {
    top: plainName(module.name),
    clock: mainClock,
    control: info,
    ports: layout.ports,
    probes: collectProbes(module, netlist),
    memories: netlist.memories
      // tables that the source does not name
      .filter(({ name }) => !name.startsWith('$'))
      .map(({ name, width, size, base, stride }) => ({ name, width, size, address: base, stride })),
    signals: trace?.signals ?? [],
    size,
    image: [...layout.image, ...constants.image, ...(trace?.image ?? [])],
    wasm: encode(outputs, size + streamWindowBytes),
  }
}

/** One clock edge. */
function generateUpdate(
  netlist: Netlist,
  constants: VectorConstants,
  threshold: number | undefined,
): Program {
  const graph = buildGraph(netlist)
  const root = gate(graph, threshold)
  orderUnits(graph, root)
  const program = scheduleStep(graph, root)
  const memoryAt = new Map<number, Memory>()
  for (const memory of netlist.memories)
    for (const part of memory.parts) memoryAt.set(memory.base + part.byte, memory)
  const used = new Set<number>()
  for (const { address, width } of netlist.nodes)
    if (address >= 0) for (let bit = 0; bit < width; bit += 32) used.add(address + bit / 8)
  vectorize(program, constants, (address) => used.has(address))
  resolveHazards(program, (address) => memoryAt.get(address)!)
  expandWrites(program.statements, program.locals)
  rollLoops(program)
  return program
}

/** The outputs that depend on inputs or are not kept in a register of their own, and signals to be traced. */
function generateOutputs(netlist: Netlist, computed: readonly Computed[]): Program {
  const pieces: { slices: Slice[]; address: number; width: number }[] = []
  for (const { port, address } of computed) {
    for (let i = 0; i < port.width; i += 64) {
      const bits: Bits = port.bits.subarray(i, i + 64)
      const slices = netlist.slices(bits, { name: port.name, source: undefined })
      pieces.push({ slices, address: address + i / 8, width: bits.length })
    }
  }
  const block = rootBlock()
  const order = topologicalOrder(
    pieces.map(({ slices }) => slices),
    netlist,
  )
  const placement = new Placement(
    netlist,
    order,
    pieces.map(({ slices }) => ({ slices, block })),
  )
  const locals = new Locals()
  const statements: Statement[] = []
  const evaluator = new Evaluator(placement, (_, e) => {
    const index = locals.add(e.type)
    statements.push({ kind: 'set', local: index, value: e })
    return local(index, e.type)
  })
  for (const { slices, address, width } of pieces) {
    const value = convert(evaluator.clean(slices, block), typeOf(width), false)
    statements.push({ kind: 'store', address, value })
  }
  return { statements, locals }
}
