import type { Bits } from './bits.ts'
import { rootBlock } from './block.ts'
import { encodeModule } from './encode.ts'
import { convert, Evaluator } from './evaluate.ts'
import { local, typeOf } from './expression.ts'
import { gate } from './gating.ts'
import { buildGraph, cellsOfLoop, topologicalOrder } from './graph.ts'
import { resolveHazards } from './hazards.ts'
import {
  collectProbes,
  type Layout,
  layOut,
  type MemoryInfo,
  type Port,
  type Probe,
  type Segment,
} from './layout.ts'
import { lower } from './lower.ts'
import { expandWrites } from './memory-store.ts'
import type { Memory, Netlist, Slice } from './netlist.ts'
import { orderUnits } from './order.ts'
import { Placement } from './placement.ts'
import { rollLoops } from './roll.ts'
import { type Module, parseRtlil, plainName } from './rtlil.ts'
import { type Program, scheduleStep } from './schedule.ts'
import { Locals, type Statement } from './statement.ts'
import { VectorConstants } from './vector-constants.ts'
import { vectorize } from './vectorize.ts'

/** Memory behind that of the design, where streams of a test bench go through. */
export const streamWindowBytes = 2 ** 20

/** Everything needed to run a design; plain data, so that it can be cached. */
export interface GeneratedDesign {
  readonly top: string
  readonly clock: string
  readonly ports: readonly Port[]
  readonly probes: readonly Probe[]
  readonly memories: readonly MemoryInfo[]
  /** Bytes of linear memory that the design uses; `streamWindowBytes` more lie behind, for test benches. */
  readonly size: number
  readonly image: readonly Segment[]
  readonly wasm: Uint8Array
}

export interface GenerateOptions {
  readonly clock: string
  /** Instructions that a branch must save; Infinity turns gating off. */
  readonly gateThreshold?: number
}

/** Flat RTLIL text in, WebAssembly out. */
export function generate(rtlil: string, options: GenerateOptions): GeneratedDesign {
  const module = parseRtlil(rtlil)
  const bitByBit = new Set<string>()
  for (;;) {
    try {
      return translate(module, options, bitByBit)
    } catch (error) {
      // bits of one word may feed each other without a loop: then words must be cut
      const known = bitByBit.size
      for (const name of cellsOfLoop(error)) bitByBit.add(name)
      if (bitByBit.size === known) throw error
    }
  }
}

function translate(module: Module, options: GenerateOptions, bitByBit: ReadonlySet<string>): GeneratedDesign {
  const { netlist, ports } = lower(module, options.clock, bitByBit)
  const layout = layOut(netlist, ports)
  const constants = new VectorConstants(layout.size)
  const step = generateStep(netlist, constants, options.gateThreshold)
  const settle = generateSettle(netlist, layout)
  return {
    top: plainName(module.name),
    clock: options.clock,
    ports: layout.ports,
    probes: collectProbes(module, netlist),
    memories: netlist.memories.map(({ name, width, size, base, stride }) => ({
      name,
      width,
      size,
      address: base,
      stride,
    })),
    size: constants.end,
    image: [...layout.image, ...constants.image],
    wasm: encodeModule(step, settle, constants.end + streamWindowBytes),
  }
}

function generateStep(netlist: Netlist, constants: VectorConstants, threshold: number | undefined): Program {
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

/** The outputs that depend on inputs or are not kept in a register of their own. */
function generateSettle(netlist: Netlist, layout: Layout): Program {
  const pieces: { slices: Slice[]; address: number; width: number }[] = []
  for (const { port, address } of layout.computed) {
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
