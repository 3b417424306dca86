import type { Arithmetic } from './arithmetic.ts'
import { type Bits, constantBits, numberBits, ONE, repeat, resize, ZERO } from './bits.ts'
import type { CaseTable } from './case-tables.ts'
import { type Clocking, type ClockPlan, type Edge, flags, latchCells } from './clocking.ts'
import type { Memory, MemoryPart, Netlist, Node } from './netlist.ts'
import { unsupported } from './place.ts'
import { type Cell, parameterNumber, plainName } from './rtlil.ts'

export interface StateContext {
  readonly netlist: Netlist
  readonly arithmetic: Arithmetic
  readonly clocking: Clocking
  readonly plan: ClockPlan
  /** Nets that power up as 1. */
  readonly initialOnes: ReadonlySet<number>
  /** Nets of output ports: a register that is one is kept in one run of words. */
  readonly outputNets: ReadonlySet<number>
}

/** Lowers a flip-flop or latch to registers of at most 64 bits. Operands must already have their drivers. */
export function lowerRegister(cell: Cell, context: StateContext): void {
  const { netlist, arithmetic, clocking } = context
  const output = cell.ports.get('Q')!
  const forced = forcedValue(cell, arithmetic)
  const isLatch = latchCells.has(cell.type)
  let data = isLatch ? latchedValue(cell, output, arithmetic) : nextValue(cell, output, arithmetic)
  const edges: Edge[] = []
  if (!isLatch)
    edges.push({ net: cell.ports.get('CLK')![0]!, rising: parameterNumber(cell, 'CLK_POLARITY') === 1 })
  data = forced(data)
  // in a design with one clock what forces a register is looked at before and after each edge
  const isLevel = isLatch || (clocking.isSingle ? hasControl(cell) : cell.ports.has('CLR'))
  if (!isLatch && !isLevel) edges.push(...controlEdges(cell))
  const held = forced(output)
  for (const [low, high] of cuts(data, output, context)) {
    const nets = output.subarray(low, high)
    const node = netlist.add({ operation: 'register', width: high - low, inputs: [], nets })
    const initial = numberOf(nets, (net) => context.initialOnes.has(netlist.root(net)))
    const next = data.subarray(low, high)
    if (isLatch || hasControl(cell)) netlist.asynchronous.add(node)
    if (isLatch) {
      netlist.levels.push({ node, data: next, initial })
      continue
    }
    netlist.registers.push({ node, data: clocked(edges, nets, next, context), initial })
    if (isLevel) netlist.levels.push({ node, data: held.subarray(low, high), initial })
  }
}

/** The value after any event, of which only some are edges of this register. */
export function clocked(edges: readonly Edge[], own: Bits, next: Bits, context: StateContext): Bits {
  const trigger = context.clocking.trigger(edges)
  if (trigger === ONE) return next
  return trigger === ZERO ? own : context.arithmetic.mux(trigger, own, next)
}

const controls = ['ARST', 'ALOAD', 'SET', 'CLR'] as const

function hasControl(cell: Cell): boolean {
  return controls.some((port) => cell.ports.has(port))
}

function isHigh(cell: Cell, port: string): boolean {
  return parameterNumber(cell, `${port}_POLARITY`) === 1
}

function controlEdges(cell: Cell): Edge[] {
  return controls.flatMap((port) =>
    Array.from(cell.ports.get(port) ?? [], (net) => ({ net, rising: isHigh(cell, port), control: true })),
  )
}

/** Asynchronous set, reset and load, which go before anything else. */
function forcedValue(cell: Cell, arithmetic: Arithmetic): (value: Bits) => Bits {
  const active = (port: string) => {
    const bits = cell.ports.get(port)!
    return isHigh(cell, port) ? bits : arithmetic.not(bits)
  }
  const choose = (port: string, value: Bits, forced: Bits) => {
    const [zero, one] = isHigh(cell, port) ? [value, forced] : [forced, value]
    return arithmetic.mux(cell.ports.get(port)![0]!, zero, one)
  }
  if (cell.ports.has('ARST')) {
    const reset = cell.parameters.get('ARST_VALUE') ?? '0'
    return (value) => choose('ARST', value, resize(constantBits(reset), value.length, false))
  }
  if (cell.ports.has('ALOAD')) return (value) => choose('ALOAD', value, cell.ports.get('AD')!)
  if (cell.ports.has('CLR')) {
    const [set, clear] = [active('SET'), active('CLR')]
    const keep = arithmetic.not(clear)
    return (value) => arithmetic.bitwise('and', keep, arithmetic.bitwise('or', set, value))
  }
  return (value) => value
}

function latchedValue(cell: Cell, output: Bits, arithmetic: Arithmetic): Bits {
  const enable = cell.ports.get('EN')?.[0]
  if (enable === undefined) return output
  const data = cell.ports.get('D')!
  const [zero, one] = isHigh(cell, 'EN') ? [output, data] : [data, output]
  return arithmetic.mux(enable, zero, one)
}

/** Enables and synchronous resets become multiplexers. */
function nextValue(cell: Cell, output: Bits, arithmetic: Arithmetic): Bits {
  const data = cell.ports.get('D')!
  const choose = (port: 'EN' | 'SRST', inactive: Bits, active: Bits): Bits => {
    const control = cell.ports.get(port)
    // a register without enable always takes the active value, one without reset never
    if (!control) return port === 'EN' ? active : inactive
    const high = isHigh(cell, port)
    return arithmetic.mux(control[0]!, high ? inactive : active, high ? active : inactive)
  }
  const reset = resize(constantBits(cell.parameters.get('SRST_VALUE') ?? '0'), data.length, false)
  if (cell.type === '$sdffce') return choose('EN', output, choose('SRST', data, reset))
  return choose('SRST', choose('EN', output, data), reset)
}

/** Wide registers are cut where the source of their data changes, which saves shifting and masking. */
function cuts(data: Bits, output: Bits, context: StateContext): [number, number][] {
  const width = data.length
  if (width <= 64) return [[0, width]]
  const points = [0]
  for (let i = 1; i < width; i++) {
    const [a, b] = [context.netlist.driver(data[i - 1]!), context.netlist.driver(data[i]!)]
    if (a?.node !== b?.node) points.push(i)
  }
  points.push(width)
  const regular = points.length > width / 6 || output.some((net) => context.outputNets.has(net))
  const starts = regular ? [0, width] : points
  const result: [number, number][] = []
  for (let i = 0; i + 1 < starts.length; i++)
    for (let low = starts[i]!; low < starts[i + 1]!; low += 32)
      result.push([low, Math.min(low + 32, starts[i + 1]!)])
  return result
}

function numberOf(bits: Bits, isOne: (bit: number) => boolean): bigint {
  let value = 0n
  for (let i = 0; i < bits.length; i++) if (isOne(bits[i]!)) value |= 1n << BigInt(i)
  return value
}

/** Lowers a memory with its read ports; the write ports follow when all drivers are known. */
export function lowerMemoryReads(cell: Cell, context: StateContext): Memory {
  const { netlist, arithmetic } = context
  const number = (name: string) => parameterNumber(cell, name)
  const width = number('WIDTH')
  const size = number('SIZE')
  const addressBits = number('ABITS')
  const initial = cell.parameters.get('INIT')
  const memory = newMemory(cell, width, size, initial === undefined ? undefined : constantBits(initial))
  netlist.memories.push(memory)
  if (/1/.test(cell.parameters.get('RD_CLK_ENABLE')?.split("'")[1] ?? ''))
    throw unsupported('a clocked memory read port cell', 'Read the memory into a register.', cell)
  for (let port = 0; port < number('RD_PORTS'); port++) {
    const address = cell.ports.get('RD_ADDR')!.subarray(port * addressBits, (port + 1) * addressBits)
    const [index, inRange] = memoryIndex(address, memory, parameterNumber(cell, 'OFFSET'), context)
    const data = cell.ports.get('RD_DATA')!.subarray(port * width, (port + 1) * width)
    for (const [part, { offset, width: partWidth }] of memory.parts.entries()) {
      const nets = data.subarray(offset, offset + partWidth)
      const direct = inRange === ONE
      const word = direct ? nets : netlist.newNets(partWidth)
      netlist.add({ operation: 'read', width: partWidth, inputs: [index], nets: word, memory, part })
      if (!direct) netlist.bind(nets, arithmetic.mux(inRange, repeat(ZERO, partWidth), word))
    }
  }
  return memory
}

/** A multiplexer as a memory that nobody writes. */
export function lowerTable(cell: Cell, { address, content }: CaseTable, netlist: Netlist): void {
  const nets = cell.ports.get('Y')!
  const memory = newMemory(cell, nets.length, 2 ** address.length, content)
  netlist.memories.push(memory)
  for (const [part, { offset, width }] of memory.parts.entries())
    netlist.add({
      operation: 'read',
      width,
      inputs: [address],
      nets: nets.subarray(offset, offset + width),
      memory,
      part,
    })
}

function newMemory(cell: Cell, width: number, size: number, initial: Bits | undefined): Memory {
  return {
    name: plainName(cell.name),
    width,
    size,
    indexBits: Math.ceil(Math.log2(Math.max(size, 2))),
    parts: memoryParts(width),
    stride: width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : 8 * Math.ceil(width / 64),
    initial,
    base: 0,
  }
}

function memoryParts(width: number): MemoryPart[] {
  const parts: MemoryPart[] = []
  for (let offset = 0; offset < width; offset += 64)
    parts.push({ offset, width: Math.min(64, width - offset), byte: offset / 8 })
  return parts
}

/** The index into the stored words, and whether the address lies in the memory (ONE if it always does). */
function memoryIndex(address: Bits, memory: Memory, offset: number, context: StateContext): [Bits, number] {
  const { arithmetic } = context
  let index = address
  const width = Math.max(address.length, memory.indexBits + 1)
  if (offset !== 0)
    index = arithmetic.subtract(resize(address, width, false), numberBits(BigInt(offset), width))
  const low = resize(index, memory.indexBits, false)
  if (index.length <= memory.indexBits) return [low, ONE]
  const limit = numberBits(BigInt(memory.size), width)
  return [low, arithmetic.less(resize(index, width, false), limit, false, false)]
}

export function lowerMemoryWrites(cell: Cell, memory: Memory, context: StateContext): void {
  const { netlist, arithmetic } = context
  const { width } = memory
  const addressBits = parameterNumber(cell, 'ABITS')
  for (let port = 0; port < parameterNumber(cell, 'WR_PORTS'); port++) {
    if (flags(cell, 'WR_CLK_ENABLE')[port] !== ONE)
      throw unsupported('a memory write without a clock', 'Write the memory in a clocked block.', cell)
    const address = cell.ports.get('WR_ADDR')!.subarray(port * addressBits, (port + 1) * addressBits)
    const data = cell.ports.get('WR_DATA')!.subarray(port * width, (port + 1) * width)
    const enables = cell.ports.get('WR_EN')!.subarray(port * width, (port + 1) * width)
    const lanes = enableLanes(enables, context)
    const distinct = [...new Set(lanes)].filter((bit) => netlist.constant(bit) !== 0)
    // a port that never writes, as of a table in a netlist, needs no clock
    if (distinct.length === 0) continue
    const rising = flags(cell, 'WR_CLK_POLARITY')[port] === ONE
    const trigger = context.clocking.trigger([{ net: cell.ports.get('WR_CLK')![port]!, rising }])
    if (trigger === ZERO) continue
    const [index, inRange] = memoryIndex(address, memory, parameterNumber(cell, 'OFFSET'), context)
    let enable = arithmetic.any(Int32Array.from(distinct))
    // words behind the end exist up to a power of two, but must stay 0
    const full = index.length === memory.indexBits && memory.size < 2 ** memory.indexBits
    const guard = full && inRange === ONE ? belowSize(index, memory, arithmetic) : inRange
    if (guard !== ONE) enable = arithmetic.bitwise('and', Int32Array.of(enable), Int32Array.of(guard))[0]!
    if (trigger !== ONE) enable = arithmetic.bitwise('and', Int32Array.of(trigger), Int32Array.of(enable))[0]!
    const whole = new Set(lanes).size === 1
    netlist.writes.push({
      memory,
      index,
      enable,
      parts: memory.parts.map(({ offset, width: partWidth }) => ({
        data: data.subarray(offset, offset + partWidth),
        mask: whole ? undefined : lanes.subarray(offset, offset + partWidth),
      })),
    })
  }
}

function belowSize(index: Bits, memory: Memory, arithmetic: Arithmetic): number {
  const limit = numberBits(BigInt(memory.size), index.length)
  return arithmetic.less(index, limit, false, false)
}

/** The enable of each bit; bits that Yosys muxes side by side from one condition share one net again. */
function enableLanes(enables: Bits, context: StateContext): Bits {
  const lanes = new Int32Array(enables.length)
  const known = new Map<string, number>()
  for (let i = 0; i < enables.length; i++) {
    const root = context.netlist.root(enables[i]!)
    const driver = context.netlist.driver(root)
    const key = driver ? laneKey(root, context.netlist) : `${root}`
    let lane = known.get(key)
    if (lane === undefined) known.set(key, (lane = laneBit(root, context)))
    lanes[i] = lane
  }
  return lanes
}

/** Equal keys mean equal values: the structure of the small mux tree above a bit. */
function laneKey(bit: number, netlist: Netlist): string {
  const driver = netlist.driver(bit)
  if (!driver || !isLaneLogic(driver.node)) return `${netlist.root(bit)}`
  const inputs = driver.node.inputs.map((bits) => laneKey(bits[bits.length === 1 ? 0 : driver.bit]!, netlist))
  return `${driver.node.operation}(${inputs.join()})`
}

function isLaneLogic(node: Node): boolean {
  return node.width > 1 && ['mux', 'and', 'or'].includes(node.operation)
}

/** The same value as a one-bit tree, so that conditions are visible to the gating. */
function laneBit(bit: number, context: StateContext): number {
  const { netlist, arithmetic } = context
  const driver = netlist.driver(bit)
  if (!driver || !isLaneLogic(driver.node)) return netlist.root(bit)
  const inputs = driver.node.inputs.map((bits) => laneBit(bits[bits.length === 1 ? 0 : driver.bit]!, context))
  const [a, b, select] = inputs as [number, number, number]
  if (driver.node.operation !== 'mux')
    return arithmetic.bitwise(driver.node.operation as 'and' | 'or', Int32Array.of(a), Int32Array.of(b))[0]!
  const zero = netlist.constant(a)
  const isOne = netlist.constant(b)
  const not = () => arithmetic.not(Int32Array.of(select))
  if (zero === isOne && zero !== undefined) return zero ? ONE : ZERO
  if (zero === 0)
    return isOne === 1 ? select : arithmetic.bitwise('and', Int32Array.of(select), Int32Array.of(b))[0]!
  if (isOne === 0) return zero === 1 ? not()[0]! : arithmetic.bitwise('and', not(), Int32Array.of(a))[0]!
  return arithmetic.mux(select, Int32Array.of(a), Int32Array.of(b))[0]!
}
