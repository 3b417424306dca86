import { type Bits, FLOATING, ONE, ZERO } from './bits.ts'
import { type Place, unsupported } from './place.ts'
import { type Module, plainName } from './rtlil.ts'

/**
 * The word-level operations everything is lowered to. Operands have the width of the result, except:
 * comparisons and reductions give one bit, `mux` is (zero arm, one arm, one bit), the amount of a shift has
 * any width.
 */
export type Operation =
  | 'input'
  | 'register'
  | 'read'
  | 'and'
  | 'or'
  | 'xor'
  | 'not'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'mod'
  | 'shl'
  | 'shr'
  | 'sar'
  | 'mux'
  | 'eq'
  | 'lt'
  | 'le'
  | 'any'
  | 'all'
  | 'parity'

/** A run of bits of one signal, as the code generator sees it. */
export interface Slice {
  /** Undefined for a constant. */
  readonly node: Node | undefined
  readonly value: bigint
  readonly offset: number
  readonly length: number
  /** `repeat`: one bit, many times; `sign`: `kept` bits, then copies of the last one. */
  readonly mode: 'plain' | 'repeat' | 'sign'
  readonly kept: number
}

/** One word of at most 64 bits: an input, a register, a memory read, or the result of an operation. */
export interface Node {
  readonly id: number
  readonly operation: Operation
  readonly width: number
  readonly signed: boolean
  readonly inputs: readonly Bits[]
  readonly nets: Bits
  readonly place: Place | undefined
  /** Filled in once all drivers are known. */
  slices: readonly (readonly Slice[])[]
  readonly memory: Memory | undefined
  /** For a read: which part of the word. */
  readonly part: number
  /** Byte address of an input or register in linear memory. */
  address: number
}

export interface Register {
  readonly node: Node
  readonly data: Bits
  readonly initial: bigint
}

export interface MemoryPart {
  readonly offset: number
  readonly width: number
  /** Byte offset inside the word. */
  readonly byte: number
}

export interface Memory {
  readonly name: string
  readonly width: number
  readonly size: number
  readonly indexBits: number
  readonly parts: readonly MemoryPart[]
  readonly stride: number
  readonly initial: Bits | undefined
  base: number
}

export interface MemoryWrite {
  readonly memory: Memory
  readonly index: Bits
  /** Net of the one-bit enable. */
  readonly enable: number
  /** Per part of the word; the mask is absent when the whole part is written. */
  readonly parts: readonly { readonly data: Bits; readonly mask: Bits | undefined }[]
}

const FREE = -9

/** Something reads the level of the only clock, which then has to be kept like any other input. */
export class ClockAsData extends Error {}

/** The design as a graph of words, addressed by nets; lowering adds to it, scheduling reads it. */
export class Netlist {
  readonly nodes: Node[] = []
  readonly registers: Register[] = []
  /** State that follows its data without a clock: latches, and registers as long as something forces them. */
  readonly levels: Register[] = []
  /** State that may change without an edge of a clock. */
  readonly asynchronous = new Set<Node>()
  readonly memories: Memory[] = []
  readonly writes: MemoryWrite[] = []
  /** The cell being lowered, for messages. */
  place: Place | undefined
  /** The only clock, as long as nothing uses it as data; then edges need not be looked for. */
  clock: Node | undefined
  readonly #alias: number[]
  readonly #driver: number[]
  readonly #driverBit: number[]

  readonly #module: Module

  constructor(module: Module) {
    this.#module = module
    this.#alias = new Array<number>(module.netCount).fill(FREE)
    this.#driver = new Array<number>(module.netCount).fill(-1)
    this.#driverBit = new Array<number>(module.netCount).fill(0)
    for (const [driven, driver] of module.connections) this.bind(driven, driver)
  }

  /** The net or constant that a bit finally takes its value from. */
  root(bit: number): number {
    let at = bit
    while (at >= 0 && this.#alias[at] !== FREE) at = this.#alias[at]!
    return at
  }

  /** The user's name of a signal, for messages. */
  signalName(nets: Bits): string | undefined {
    const roots = new Set(Array.from(nets, (net) => this.root(net)))
    for (const { name, base, width } of this.#module.wires.values())
      if (name.startsWith('\\'))
        for (let i = 0; i < width; i++) if (roots.has(this.root(base + i))) return plainName(name)
    return undefined
  }

  /** The node that drives a bit, and which of its bits; undefined for constants and undriven nets. */
  driver(bit: number): { node: Node; bit: number } | undefined {
    const root = this.root(bit)
    if (root < 0 || this.#driver[root]! < 0) return undefined
    return { node: this.nodes[this.#driver[root]!]!, bit: this.#driverBit[root]! }
  }

  /** The constant behind a bit: 0 or 1 (unknown and undriven count as 0), or undefined if it varies. */
  constant(bit: number): 0 | 1 | undefined {
    const root = this.root(bit)
    if (root === ONE) return 1
    return root < 0 || this.#driver[root]! < 0 ? 0 : undefined
  }

  /** Makes nets follow other bits; missing upper bits are 0. */
  bind(nets: Bits, bits: Bits): void {
    for (let i = 0; i < nets.length; i++) {
      const net = nets[i]!
      if (net < 0) continue
      const target = i < bits.length ? bits[i]! : ZERO
      if (this.#alias[net] !== FREE || this.#driver[net]! >= 0) {
        const constant = (bit: number) => this.root(bit) < 0
        if (constant(net) && constant(target)) continue
        throw unsupported('a net has more than one driver', 'Drive each bit from one place.', this.place)
      }
      if (this.root(target) === net) continue
      this.#alias[net] = target
    }
  }

  newNets(count: number): Bits {
    const start = this.#alias.length
    for (let i = 0; i < count; i++) {
      this.#alias.push(FREE)
      this.#driver.push(-1)
      this.#driverBit.push(0)
    }
    return Int32Array.from({ length: count }, (_, i) => start + i)
  }

  /** Adds an operation and returns the nets of its result. */
  operate(operation: Operation, width: number, inputs: readonly Bits[], signed = false): Bits {
    return this.add({ operation, width, inputs, signed, nets: this.newNets(width) }).nets
  }

  add(node: {
    operation: Operation
    width: number
    inputs: readonly Bits[]
    nets: Bits
    signed?: boolean
    memory?: Memory
    part?: number
  }): Node {
    const added: Node = {
      id: this.nodes.length,
      operation: node.operation,
      width: node.width,
      signed: node.signed ?? false,
      inputs: node.inputs,
      nets: node.nets,
      place: this.place,
      slices: [],
      memory: node.memory,
      part: node.part ?? 0,
      address: -1,
    }
    this.nodes.push(added)
    for (let i = 0; i < node.nets.length; i++) {
      const net = node.nets[i]!
      if (net < 0) continue
      if (this.#alias[net] !== FREE || this.#driver[net]! >= 0)
        throw unsupported('a net has more than one driver', 'Drive each bit from one place.', this.place)
      this.#driver[net] = added.id
      this.#driverBit[net] = i
    }
    return added
  }

  /** Lets a register that follows the word drive its nets. */
  cut(node: Node): void {
    const nets = Int32Array.from(node.nets)
    const own = this.newNets(nets.length)
    const moved = { ...node, nets: own }
    this.nodes[node.id] = moved
    for (const [i, net] of own.entries()) {
      this.#driver[net] = node.id
      this.#driverBit[net] = i
    }
    for (const net of nets) if (net >= 0) this.#driver[net] = -1
    const register = this.add({ operation: 'register', width: node.width, inputs: [], nets })
    this.asynchronous.add(register)
    this.levels.push({ node: register, data: own, initial: 0n })
  }

  /** Resolves the operands of all nodes; call once, after lowering. */
  resolve(): void {
    for (const node of this.nodes) node.slices = node.inputs.map((bits) => this.slices(bits, node.place))
  }

  /** Cuts a signal into the fewest runs of node bits and constants. */
  slices(bits: Bits, place: Place | undefined): Slice[] {
    const slices: Slice[] = []
    let at = 0
    while (at < bits.length) {
      const slice = this.#sliceAt(bits, at, place)
      slices.push(slice)
      at += slice.length
    }
    const last = slices[slices.length - 1]
    const before = slices[slices.length - 2]
    // a run followed by copies of its top bit is a sign extension
    if (last?.node && before && before.node === last.node && before.mode === 'plain') {
      const single = last.mode === 'repeat' || last.length === 1
      if (single && last.offset === before.offset + before.length - 1)
        slices.splice(-2, 2, {
          ...before,
          length: before.length + last.length,
          mode: 'sign',
          kept: before.length,
        })
    }
    return slices
  }

  #sliceAt(bits: Bits, start: number, place: Place | undefined): Slice {
    const root = this.root(bits[start]!)
    const driver = root < 0 ? -1 : this.#driver[root]!
    let end = start + 1
    if (driver < 0) {
      let value = 0n
      for (end = start; end < bits.length; end++) {
        const bit = this.root(bits[end]!)
        if (bit >= 0 && this.#driver[bit]! >= 0) break
        if (bit === FLOATING)
          throw unsupported('a tri-state value (z)', 'Use separate signals and a multiplexer.', place)
        if (bit === ONE) value |= 1n << BigInt(end - start)
      }
      return { node: undefined, value, offset: 0, length: end - start, mode: 'plain', kept: 0 }
    }
    const node = this.nodes[driver]!
    if (node === this.clock) throw new ClockAsData()
    const offset = this.#driverBit[root]!
    const follows = (bit: number, by: number) => {
      const other = this.root(bit)
      return other >= 0 && this.#driver[other] === driver && this.#driverBit[other] === offset + by
    }
    while (end < bits.length && follows(bits[end]!, end - start)) end++
    if (end > start + 1) return { node, value: 0n, offset, length: end - start, mode: 'plain', kept: 0 }
    while (end < bits.length && this.root(bits[end]!) === root) end++
    const mode = end > start + 1 ? 'repeat' : 'plain'
    return { node, value: 0n, offset, length: end - start, mode, kept: 0 }
  }
}
