import type { Dut } from '../../sim/verilog/index.ts'
import { type RegisterName, registerAddress } from '../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { Random } from '../../src/core/random.ts'
import type { Pauses } from '../hdl/native/stimulus.ts'
import type { Shot } from './shots.ts'

const noPauses: Pauses = { input: 0, output: 0, seed: 1 }

/** Drives a simulated gemgate_core through its registers and streams, by words for its millions of clocks. */
export class CoreDriver {
  cycles = 0
  #packets: Uint8Array[] = []
  #packet: number[] = []
  #writes: [RegisterName, number][] = []
  #pauses: Pauses = noPauses
  #random = new Random(1)
  readonly #words: Int32Array
  readonly #step: () => void
  readonly #port: Readonly<Record<string, number>>

  constructor({ simulation }: Dut) {
    this.#words = simulation.words
    this.#step = simulation.stepFunction
    for (const port of simulation.ports.values())
      if (!port.registered) throw new Error(`${port.name} is no register: the core would not close timing`)
    this.#port = Object.fromEntries([...simulation.ports.keys()].map((name) => [name, simulation.word(name)]))
    this.reset()
  }

  /** Holds the reset for four clocks and forgets what was under way. */
  reset(): void {
    this.#set('s_axis_tvalid', 0)
    this.#set('reg_write', 0)
    this.#set('rst', 1)
    for (let i = 0; i < 4; i++) this.#step()
    this.#set('rst', 0)
    this.#packets = []
    this.#packet = []
    this.#writes = []
  }

  pause(pauses: Pauses = noPauses): void {
    this.#pauses = pauses
    this.#random = new Random(pauses.seed)
  }

  read(name: RegisterName): number {
    this.#flush()
    this.#set('reg_address', registerAddress.get(name)!)
    this.#set('reg_read', 1)
    this.#tick()
    this.#set('reg_read', 0)
    return this.#words[this.#port['reg_read_data']!]! >>> 0
  }

  write(name: RegisterName, value: number): void {
    this.#writes.push([name, value])
    this.#flush()
  }

  /** One frame after the other: settings, pixels, then the packet is awaited. */
  process(shots: readonly Shot[]): Uint8Array[] {
    return shots.map((shot) => {
      this.configure(shot)
      this.send(shot)
      return this.receive()
    })
  }

  /**
   * Frames without a clock between them: the registers of a frame are written while the frame before it is
   * being sent, and packets are taken meanwhile. Tables cannot change in flight: they are those of the first
   * frame, and so are the tiles.
   */
  stream(shots: readonly Shot[]): Uint8Array[] {
    this.configure(shots[0]!)
    this.#flush()
    shots.forEach((shot, i) => {
      this.send(shot, shots[i + 1])
    })
    while (this.#packets.length < shots.length) this.#await()
    return this.#packets.splice(0)
  }

  configure({ settings, frame, timeTag }: Shot): void {
    this.#writes.push(...settingsRegisters(settings), ...frameRegisters(frame, timeTag))
    this.#flush()
  }

  /** Sends pixels from `first` to before `end`; with `next` also writes the registers of the next frame. */
  send(shot: Shot, next?: Shot, end = shot.pixels.length): void {
    const { pixels, words } = shot
    const data = this.#port['s_axis_tdata']!
    // The input register holds two pixels; from the third one on the settings of this frame are taken.
    const changeAt = 3 + this.#random.integer(Math.min(200, pixels.length - 3))
    for (let i = 0, idle = 0; i < end; idle++) {
      if (idle > 1_000_000) throw new Error(`pixel ${i} of ${pixels.length} is not taken`)
      if (this.#pauses.input > 0)
        while (this.#random.integer(256) < this.#pauses.input) {
          // The data of an idle clock must not matter.
          this.#words[data] = this.#random.uint32()
          this.#tick()
        }
      this.#set('s_axis_tvalid', 1)
      const word = words[i]!
      this.#words[data] = pixels[i]! | (word << 16)
      this.#words[data + 1] = word >>> 16
      while (this.#words[this.#port['s_axis_tready']!] === 0) {
        this.#tick()
        if (idle++ > 1_000_000) throw new Error(`pixel ${i} of ${pixels.length} is not taken`)
      }
      this.#tick()
      this.#set('s_axis_tvalid', 0)
      i++
      idle = 0
      if (i === changeAt && next !== undefined) {
        const writes = settingsRegisters(next.settings).filter(([name]) => !/^t(able|ile_)/.test(name))
        this.#writes.push(...writes, ...frameRegisters(next.frame, next.timeTag))
      }
    }
    this.#flush()
  }

  /** The next packet. */
  receive(): Uint8Array {
    while (this.#packets.length === 0) this.#await()
    return this.#packets.shift()!
  }

  /** Runs idle clocks; anything that comes out unasked for is an error. */
  expectSilence(clocks = 2000): void {
    for (let i = 0; i < clocks; i++) this.#tick()
    if (this.#packets.length + this.#packet.length > 0) throw new Error('words without a frame')
  }

  #await(): void {
    const before = this.#packet.length + 1e6 * this.#packets.length
    for (let i = 0; i < 200_000; i++) {
      this.#tick()
      if (this.#packet.length + 1e6 * this.#packets.length !== before) return
    }
    throw new Error(`no packet: ${this.#packet.length} words of it came`)
  }

  #flush(): void {
    while (this.#writes.length > 0) this.#tick()
    // The last write takes effect one clock later.
    this.#tick()
  }

  #set(name: string, value: number): void {
    this.#words[this.#port[name]!] = value
  }

  /** One clock: at most one register write, at most one word of output. */
  #tick(): void {
    const words = this.#words
    const port = this.#port
    const write = this.#writes.shift()
    words[port['reg_write']!] = write === undefined ? 0 : 1
    if (write !== undefined) {
      words[port['reg_address']!] = registerAddress.get(write[0])!
      words[port['reg_write_data']!] = write[1]
    }
    const ready = this.#pauses.output === 0 || this.#random.integer(256) >= this.#pauses.output
    words[port['m_axis_tready']!] = ready ? 1 : 0
    if (ready && words[port['m_axis_tvalid']!] !== 0) {
      this.#packet.push(words[port['m_axis_tdata']!]!)
      if (words[port['m_axis_tlast']!] !== 0) {
        this.#packets.push(new Uint8Array(Int32Array.from(this.#packet).buffer))
        this.#packet = []
      }
    }
    this.#step()
    this.cycles++
  }
}
