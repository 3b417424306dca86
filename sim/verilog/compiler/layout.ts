import { ONE } from './bits.ts'
import { groupLanes } from './lanes.ts'
import type { LoweredPort } from './lower.ts'
import type { Memory, Netlist, Node, Operation, Slice } from './netlist.ts'
import { unsupported } from './place.ts'
import type { Module } from './rtlil.ts'
import { plainName } from './rtlil.ts'

export type PortDirection = 'input' | 'output'

export interface Port {
  readonly name: string
  readonly direction: PortDirection
  readonly width: number
  readonly signed: boolean
  /** Index of the first 32-bit word in linear memory; wider ports go on in the next words. */
  readonly word: number
  /** An input, or an output that can be read without settling. */
  readonly registered: boolean
  /** An input that clocks registers. */
  readonly clock: boolean
  /** A clock whose falling edge or level matters, so that more than its rising edges has to be simulated. */
  readonly falls?: boolean
}

/** Where an internal signal is kept: its bits, lowest first, as runs of state. */
export interface Probe {
  readonly name: string
  readonly width: number
  readonly runs: readonly { readonly address: number; readonly offset: number; readonly length: number }[]
}

export interface MemoryInfo {
  readonly name: string
  readonly width: number
  readonly size: number
  readonly address: number
  /** Bytes from one word to the next. */
  readonly stride: number
}

/** Non-zero bytes of the power-on state. */
export interface Segment {
  readonly address: number
  readonly bytes: Uint8Array
}

/** A signal that `settle` computes, and where it stores it. */
export interface Computed {
  readonly port: Pick<LoweredPort, 'name' | 'width' | 'bits'>
  readonly address: number
}

export interface Layout {
  readonly size: number
  readonly ports: readonly Port[]
  /** Outputs that `settle` computes. */
  readonly computed: readonly Computed[]
  readonly image: readonly Segment[]
}

const lineBytes = 64
const largest = 2 ** 31

/** Gives every input, register, memory and computed output its place in linear memory. */
export function layOut(netlist: Netlist, lowered: readonly LoweredPort[]): Layout {
  let next = lineBytes
  const take = (bits: number) => {
    const address = next
    next += 4 * Math.ceil(bits / 32)
    return address
  }
  const outputs = outputRegisters(netlist, lowered)
  for (const node of netlist.nodes)
    if (node.operation === 'input' || (node.operation === 'register' && outputs.has(node)))
      node.address = take(node.width)
  next = Math.ceil(next / lineBytes) * lineBytes
  for (const group of groupLanes(netlist, outputs))
    for (const node of group) {
      if (node) node.address = next
      next += 4
    }
  for (const node of netlist.nodes)
    if (node.operation === 'register' && node.address < 0) node.address = take(node.width)
  next = Math.ceil(next / lineBytes) * lineBytes
  const ports: Port[] = []
  const computed: { port: LoweredPort; address: number }[] = []
  const constants: Segment[] = []
  for (const port of lowered) {
    if (
      netlist.clock &&
      port.direction === 'input' &&
      netlist.driver(port.bits[0]!)?.node === netlist.clock
    ) {
      const { name, direction, width, signed } = port
      ports.push({
        name,
        direction,
        width,
        signed,
        word: netlist.clock.address / 4,
        registered: true,
        clock: true,
        falls: port.falls,
      })
      continue
    }
    const slices = netlist.slices(port.bits, { name: port.name, source: undefined })
    let address = directAddress(slices, [port.direction === 'output' ? 'register' : 'input'])
    const moves = slices.some(({ node }) => node && netlist.asynchronous.has(node))
    if (address === undefined) {
      // room for the last store, which may have eight bytes
      address = take(Math.ceil(port.width / 64) * 64)
      if (slices.every(({ node }) => !node))
        constants.push(numberSegment(address, bitsValue(slices), port.width))
      else computed.push({ port, address })
    }
    const { name, direction, width, signed, clock, falls } = port
    const fixed = !moves && !computed.some((other) => other.port === port)
    ports.push({ name, direction, width, signed, word: address / 4, registered: fixed, clock, falls })
  }
  for (const memory of netlist.memories) {
    next = Math.ceil(next / lineBytes) * lineBytes
    memory.base = next
    next += memory.stride * 2 ** memory.indexBits
    if (next > largest)
      throw unsupported(
        `memories of more than ${largest / 2 ** 30} GiB`,
        'Make the memory smaller for simulation.',
        { name: memory.name, source: undefined },
      )
  }
  const image = [...constants, ...registerImage(netlist), ...netlist.memories.flatMap(memoryImage)]
  return { size: next, ports, computed, image }
}

/** Registers that outputs show: wide ones must lie in one run of words. */
function outputRegisters(netlist: Netlist, ports: readonly LoweredPort[]): Set<Node> {
  const registers = new Set<Node>()
  for (const { direction, bits } of ports)
    if (direction === 'output')
      for (const bit of bits) {
        const node = netlist.driver(bit)?.node
        if (node?.operation === 'register') registers.add(node)
      }
  return registers
}

/** The address of a signal that is plain state: whole registers or inputs, one after the other, zeros above. */
export function directAddress(
  slices: readonly Slice[],
  state: readonly ('register' | 'input')[],
): number | undefined {
  const base = slices[0]?.node?.address ?? -1
  if (base < 0) return undefined
  let at = 0
  for (const { node, value, offset, length, mode } of slices) {
    if (node) {
      const direct = (state as readonly Operation[]).includes(node.operation)
      if (!direct || mode !== 'plain' || offset !== 0 || length !== node.width) return undefined
      if (at % 32 !== 0 || node.address !== base + at / 8) return undefined
    } else {
      const room = at % 32 === 0 ? 0 : 32 - (at % 32)
      if (value !== 0n || length > room) return undefined
    }
    at += length
  }
  return base
}

export function bitsValue(slices: readonly Slice[]): bigint {
  let value = 0n
  let at = 0
  for (const slice of slices) {
    value |= slice.value << BigInt(at)
    at += slice.length
  }
  return value
}

export function numberSegment(address: number, value: bigint, width: number): Segment {
  const bytes = new Uint8Array(4 * Math.ceil(width / 32))
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn)
  return { address, bytes }
}

function registerImage(netlist: Netlist): Segment[] {
  return [...netlist.registers, ...netlist.levels]
    .filter(({ initial }) => initial !== 0n)
    .map(({ node, initial }) => numberSegment(node.address, initial, node.width))
}

function memoryImage(memory: Memory): Segment[] {
  const { initial, width, size, stride, base } = memory
  if (!initial?.includes(ONE)) return []
  const bytes = new Uint8Array(size * stride)
  for (let word = 0; word < size; word++)
    for (let i = 0; i < width; i++)
      if (initial[word * width + i] === ONE) bytes[word * stride + (i >> 3)]! |= 1 << (i & 7)
  return [{ address: base, bytes }]
}

/** The named signals that are pure state, for looking into a running design. */
export function collectProbes(module: Module, netlist: Netlist): Probe[] {
  const probes: Probe[] = []
  for (const wire of module.wires.values()) {
    if (!wire.name.startsWith('\\')) continue
    const bits = Int32Array.from({ length: wire.width }, (_, i) => wire.base + i)
    if (Array.from(bits).some((bit) => netlist.driver(bit)?.node === netlist.clock && netlist.clock)) continue
    const runs: { address: number; offset: number; length: number }[] = []
    const slices = netlist.slices(bits, wire)
    const isState = slices.every(({ node, value, mode }) =>
      node ? (node.operation === 'register' || node.operation === 'input') && mode === 'plain' : value === 0n,
    )
    if (!isState || slices.every(({ node }) => !node)) continue
    for (const { node, offset, length } of slices) runs.push({ address: node?.address ?? -1, offset, length })
    probes.push({ name: plainName(wire.name), width: wire.width, runs })
  }
  return probes
}
