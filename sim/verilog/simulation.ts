import { GemgateError } from '../../src/core/errors.ts'
import type { CompiledDesign } from './compile.ts'
import type { MemoryInfo, Port, Probe } from './layout.ts'
import { webAssembly } from './webassembly.ts'

/**
 * One running instance of a design, in its power-on state. Two-state: unknown values are 0, and so is a
 * quotient or remainder by zero. Numbers are unsigned; up to 32 bits they are numbers, above bigints.
 */
export class Simulation {
  readonly design: CompiledDesign
  readonly ports: ReadonlyMap<string, Port>
  /** Linear memory as 32-bit words: the hot path to ports, by `word(name)`. */
  readonly words: Int32Array
  /** One clock cycle, without a wrapper around it. */
  readonly stepFunction: () => void
  readonly #run: (cycles: number) => void
  readonly #settle: () => void
  readonly #bytes: Uint8Array
  readonly #probes = new Map<string, Probe>()
  readonly #memories = new Map<string, MemoryInfo>()
  readonly #settles: boolean

  constructor(design: CompiledDesign) {
    const { exports } = new webAssembly.Instance(design.module)
    const { buffer } = exports['memory'] as { buffer: ArrayBuffer }
    this.design = design
    this.ports = new Map(design.ports.map((port) => [port.name, port]))
    this.words = new Int32Array(buffer)
    this.stepFunction = exports['step'] as () => void
    this.#run = exports['run'] as (cycles: number) => void
    this.#settle = exports['settle'] as () => void
    this.#bytes = new Uint8Array(buffer)
    this.#settles = design.ports.some((port) => !port.registered)
    for (const probe of design.probes) this.#probes.set(probe.name, probe)
    for (const memory of design.memories) this.#memories.set(memory.name, memory)
    this.#load()
  }

  /** Clocks the design: one rising edge per cycle, with the inputs as they are now. */
  step(cycles = 1): void {
    if (!Number.isInteger(cycles) || cycles < 0)
      throw new GemgateError(
        'GG_USAGE',
        `${cycles} is no number of cycles`,
        'Give a whole number, 0 or more.',
      )
    for (let left = cycles; left > 0; left -= 0x7fffffff) this.#run(Math.min(left, 0x7fffffff))
  }

  /** Computes the combinational outputs for the current inputs and state. */
  settle(): void {
    this.#settle()
  }

  /** The value of a port; combinational outputs are settled first. */
  get(name: string): number | bigint {
    const port = this.#port(name)
    if (!port.registered && this.#settles) this.#settle()
    return this.#read(port.word, port.width)
  }

  /** Sets an input. Ports declared `signed` also take negative values. */
  set(name: string, value: number | bigint): void {
    const port = this.#port(name)
    if (port.direction !== 'input')
      throw new GemgateError('GG_PORT', `the port ${name} is an output`, 'Only inputs can be set.')
    this.#write(port.word, port.width, checkRange(port, value))
  }

  /** Index in `words` of a port's lowest word. A computed output is up to date only after `settle()`. */
  word(name: string): number {
    return this.#port(name).word
  }

  /** True if the port can be read from `words` without `settle()`. */
  isRegistered(name: string): boolean {
    return this.#port(name).registered
  }

  /** Back to the power-on state; inputs become 0. */
  reset(): void {
    this.#bytes.fill(0)
    this.#load()
  }

  /** The value of an internal register by its hierarchical name (`unit.state`). */
  peek(name: string): number | bigint {
    const probe = this.#probes.get(name)
    if (!probe)
      throw new GemgateError(
        'GG_PORT',
        `there is no register ${name} in ${this.design.top}`,
        'Only registers can be looked at, not combinational signals; names are as in `probes`.',
      )
    let value = 0n
    let at = 0n
    for (const { address, offset, length } of probe.runs) {
      if (address >= 0) {
        const bits = BigInt(this.#read(address / 4, offset + length)) >> BigInt(offset)
        value |= BigInt.asUintN(length, bits) << at
      }
      at += BigInt(length)
    }
    return probe.width <= 32 ? Number(value) : value
  }

  /** Names that `peek` knows. */
  get probes(): string[] {
    return [...this.#probes.keys()]
  }

  /** One word of an internal memory by its hierarchical name. */
  peekMemory(name: string, index: number): number | bigint {
    const memory = this.#memories.get(name)
    if (!memory || !Number.isInteger(index) || index < 0 || index >= memory.size) {
      const known = [...this.#memories.values()].map((m) => `${m.name}[0..${m.size - 1}]`).join(', ')
      throw new GemgateError(
        'GG_PORT',
        `there is no memory word ${name}[${index}]`,
        `Memories: ${known || 'none'}.`,
      )
    }
    let value = 0n
    const start = memory.address + index * memory.stride
    for (let i = Math.ceil(memory.width / 8) - 1; i >= 0; i--)
      value = (value << 8n) | BigInt(this.#bytes[start + i]!)
    return memory.width <= 32 ? Number(value) : value
  }

  #port(name: string): Port {
    const port = this.ports.get(name)
    if (port) return port
    const names = [...this.ports.keys()].join(', ')
    throw new GemgateError('GG_PORT', `${this.design.top} has no port ${name}`, `Its ports are ${names}.`)
  }

  #load(): void {
    for (const { address, bytes } of this.design.image) this.#bytes.set(bytes, address)
  }

  #read(word: number, width: number): number | bigint {
    if (width <= 32) return this.words[word]! >>> 0
    let value = 0n
    for (let i = Math.ceil(width / 32) - 1; i >= 0; i--)
      value = (value << 32n) | BigInt(this.words[word + i]! >>> 0)
    return BigInt.asUintN(width, value)
  }

  #write(word: number, width: number, value: bigint): void {
    for (let i = 0; i * 32 < width; i++)
      this.words[word + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn) | 0
  }
}

function checkRange(port: Port, value: number | bigint): bigint {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  const number = whole ? BigInt(value) : 0n
  const top = 1n << BigInt(port.width)
  const bottom = port.signed ? -top / 2n : 0n
  if (!whole || number < bottom || number >= top)
    throw new GemgateError(
      'GG_PORT',
      `${value} does not fit the ${port.width}-bit input ${port.name}`,
      `Give a whole number from ${bottom} to ${top - 1n}.`,
    )
  return BigInt.asUintN(port.width, number)
}
