import { type Bits, FLOATING, ZERO } from './bits.ts'
import {
  bitsValue,
  type Computed,
  directAddress,
  type Layout,
  numberSegment,
  type Segment,
} from './layout.ts'
import type { Netlist } from './netlist.ts'
import { type Module, plainName, type Wire } from './rtlil.ts'

/** A named signal of the source. */
export interface Signal {
  /** Hierarchical name: `scope` and the signal's own name, joined with dots. */
  readonly name: string
  /** Instances and generate blocks around it, outermost first; empty for a signal of the top module. */
  readonly scope: readonly string[]
  readonly width: number
  readonly signed: boolean
  /** Index of the lowest 32-bit word in linear memory; up to date after `settle`. */
  readonly word: number
}

export interface Trace {
  readonly signals: readonly Signal[]
  /** Signals that `settle` computes. */
  readonly computed: readonly Computed[]
  readonly image: readonly Segment[]
  /** End of the memory with the signals in it. */
  readonly size: number
}

/**
 * Gives every named signal a place in memory behind that of the design; names of one signal share it. A vector with the
 * clock among other bits is left out: the clock is no data.
 */
export function layOutTrace(module: Module, netlist: Netlist, layout: Layout): Trace {
  let size = Math.ceil(layout.size / 8) * 8
  const signals: Signal[] = []
  const computed: Computed[] = []
  const image: Segment[] = []
  const isClock = (bit: number) => netlist.clock !== undefined && netlist.driver(bit)?.node === netlist.clock
  const place = (name: string, bits: Bits): number => {
    if (isClock(bits[0]!)) return netlist.clock!.address
    const slices = netlist.slices(bits, { name, source: undefined })
    const direct = directAddress(slices, ['register', 'input'])
    if (direct !== undefined) return direct
    const address = size
    size += Math.ceil(bits.length / 64) * 8
    if (slices.some(({ node }) => node)) computed.push({ port: { name, width: bits.length, bits }, address })
    else image.push(numberSegment(address, bitsValue(slices), bits.length))
    return address
  }
  const addresses = new Map<string, number>()
  for (const { name, word } of layout.ports)
    addresses.set(rootsOf(module.wires.get(`\\${name}`)!, netlist).join(), word * 4)
  for (const wire of module.wires.values()) {
    if (!wire.name.startsWith('\\')) continue
    const bits = rootsOf(wire, netlist)
    if (wire.width > 1 && bits.some(isClock)) continue
    const key = bits.join()
    const address = addresses.get(key) ?? place(plainName(wire.name), bits)
    addresses.set(key, address)
    signals.push({ ...pathOf(wire), width: wire.width, signed: wire.signed, word: address / 4 })
  }
  return { signals, computed, image, size }
}

/** Where the bits come from; a signal that nobody drives is 0, as everywhere. */
function rootsOf(wire: Wire, netlist: Netlist): Bits {
  return Int32Array.from({ length: wire.width }, (_, i) => {
    const root = netlist.root(wire.base + i)
    return root === FLOATING ? ZERO : root
  })
}

const step = /^[A-Za-z_$][\w$]*(\[-?\d+\])*$/

/** Names of generate blocks are part of a name, with dots; an escaped name may have dots of its own. */
function pathOf(wire: Wire): Pick<Signal, 'name' | 'scope'> {
  const path = (wire.path ?? [plainName(wire.name)]).flatMap((part) => {
    const steps = part.split('.')
    return steps.every((text) => step.test(text)) ? steps : [part]
  })
  return { name: path.join('.'), scope: path.slice(0, -1) }
}
