import type { Dut, Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'

/** How often each side pauses, of 256 clocks; `access` clocks at most that a register access takes. */
export interface BenchPauses {
  readonly input?: number
  readonly output?: number
  readonly pixels?: number
  readonly events?: number
  readonly access?: number
}

/** A byte of the events stream, and the end of its message. */
interface EventByte {
  readonly data: number
  readonly last: number
}

/** Clocks without anything on the carrier or the streams after which all is quiet. */
const quiet = 1500

/**
 * link_bytes in simulation between a host's bytes and a core of registers and streams that pause at random. It clocks by
 * words, for its millions of clocks.
 */
export class EndpointBench {
  readonly registers = new Uint32Array(65536)
  /** Accesses in order: address, value, and whether it was a write. */
  readonly accesses: { address: number; value: number; write: boolean }[] = []
  readonly pixels: number[] = []
  /** Bytes for the host that nobody took yet. */
  output: number[] = []
  sessions = 0
  cycles = 0
  /** False: the core takes no pixels. */
  takesPixels = true
  /** Clocks of the next accesses, where the random number is not meant. */
  accessTime: number | undefined
  readonly simulation: Simulation
  readonly #random: Random
  readonly #pauses: Required<BenchPauses>
  readonly #word: PortWords
  #input: number[] = []
  #inputAt = 0
  #events: EventByte[] = []
  #eventsAt = 0
  #offered = false
  #wait = -1
  #idle = 0

  constructor({ simulation }: Dut, seed: number, pauses: BenchPauses = {}) {
    this.simulation = simulation
    this.#random = new Random(seed)
    this.#pauses = { input: 0, output: 0, pixels: 0, events: 0, access: 1, ...pauses }
    this.#word = Object.fromEntries(ports.map((name) => [name, simulation.word(name)])) as PortWords
  }

  /** Bytes from the host, to be clocked in by `run` and `settle`. */
  send(bytes: Uint8Array): void {
    for (const byte of bytes) this.#input.push(byte)
  }

  /** A message of the events stream, or the start of one. */
  message(bytes: Uint8Array, whole = true): void {
    bytes.forEach((data, i) => {
      this.#events.push({ data, last: Number(whole && i === bytes.length - 1) })
    })
  }

  /** Bytes of the events stream that the endpoint did not take. */
  get eventsLeft(): number {
    return this.#events.length - this.#eventsAt
  }

  takeOutput(): Uint8Array {
    const bytes = Uint8Array.from(this.output)
    this.output = []
    return bytes
  }

  /** Resets the endpoint and forgets what was on its way to and from it; the memories of the endpoint stay. */
  powerUp(): void {
    this.#input = []
    this.#inputAt = 0
    this.#events = []
    this.#eventsAt = 0
    this.#offered = false
    this.#wait = -1
    this.output = []
    this.simulation.set('reg_ready', 0)
    this.simulation.set('s_valid', 0)
    this.simulation.set('rst', 1)
    this.simulation.step(3)
    this.simulation.set('rst', 0)
  }

  /** Until nothing has moved for a while; throws after `limit` clocks. */
  settle(limit = 2_000_000): void {
    const end = this.cycles + limit
    this.#idle = 0
    while (this.#idle < quiet) {
      if (this.cycles >= end) throw new Error(`still not quiet after ${limit} clocks`)
      this.#clock()
    }
  }

  run(clocks: number): void {
    for (let i = 0; i < clocks; i++) this.#clock()
  }

  #pause(rate: number): boolean {
    return rate > 0 && this.#random.integer(256) < rate
  }

  #clock(): void {
    const { words } = this.simulation
    const w = this.#word
    const p = this.#pauses
    let moved = false
    const inputLeft = this.#inputAt < this.#input.length
    const sends = inputLeft && !this.#pause(p.input)
    words[w.s_valid] = Number(sends)
    words[w.s_data] = sends ? this.#input[this.#inputAt]! : 0x5a
    words[w.m_ready] = Number(!this.#pause(p.output))
    words[w.m_axis_tready] = Number(this.takesPixels && !this.#pause(p.pixels))
    const event = this.#events[this.#eventsAt]
    if (event === undefined) this.#offered = false
    else if (!this.#offered) this.#offered = !this.#pause(p.events)
    words[w.s_axis_tvalid] = Number(this.#offered)
    words[w.s_axis_tdata] = this.#offered ? event!.data : 0xa5
    words[w.s_axis_tlast] = this.#offered ? event!.last : 1
    words[w.reg_ready] = Number(this.#wait === 0)
    words[w.reg_read_data] = this.#wait === 0 ? this.registers[words[w.reg_address]! & 0xffff]! | 0 : -1
    this.simulation.settle()
    if (sends && words[w.s_ready] !== 0) {
      this.#inputAt++
      moved = true
    }
    if (words[w.m_valid] !== 0) {
      moved = true
      if (words[w.m_ready] !== 0) this.output.push(words[w.m_data]!)
    }
    if (words[w.m_axis_tvalid] !== 0 && words[w.m_axis_tready] !== 0) {
      this.pixels.push(words[w.m_axis_tdata]!)
      moved = true
    }
    if (words[w.s_axis_tvalid] !== 0 && words[w.s_axis_tready] !== 0) {
      this.#eventsAt++
      this.#offered = false
      moved = true
    }
    this.#access()
    if (words[w.session] !== 0) {
      this.sessions++
      this.#events = []
      this.#eventsAt = 0
      this.#offered = false
    }
    if (this.#inputAt > 4096) {
      this.#input = this.#input.slice(this.#inputAt)
      this.#inputAt = 0
    }
    this.#idle = moved || this.#wait >= 0 || (inputLeft && words[w.s_ready] !== 0) ? 0 : this.#idle + 1
    this.simulation.stepFunction()
    this.cycles++
  }

  #access(): void {
    const { words } = this.simulation
    const w = this.#word
    if (words[w.reg_valid] === 0) {
      if (this.#wait >= 0) throw new Error('an access was given up')
      return
    }
    if (this.#wait < 0) this.#wait = this.accessTime ?? 1 + this.#random.integer(this.#pauses.access)
    else if (this.#wait === 0) {
      const address = words[w.reg_address]! & 0xffff
      const write = words[w.reg_write] !== 0
      const value = write ? words[w.reg_write_data]! >>> 0 : this.registers[address]!
      this.accesses.push({ address, value, write })
      if (write) this.registers[address] = value
    }
    this.#wait--
  }
}

const ports = [
  's_valid',
  's_ready',
  's_data',
  'm_valid',
  'm_ready',
  'm_data',
  'reg_valid',
  'reg_write',
  'reg_address',
  'reg_write_data',
  'reg_ready',
  'reg_read_data',
  'm_axis_tvalid',
  'm_axis_tready',
  'm_axis_tdata',
  's_axis_tvalid',
  's_axis_tready',
  's_axis_tdata',
  's_axis_tlast',
  'session',
] as const

type PortWords = Readonly<Record<(typeof ports)[number], number>>
