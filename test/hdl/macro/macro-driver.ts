import type { Dut, Simulation } from '../../../sim/verilog/index.ts'
import { type RegisterName, registerAddress } from '../../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../../src/board/settings-registers.ts'
import { Random } from '../../../src/core/random.ts'
import { encodeMacroPixels } from '../../../src/trigger/macro-bytes.ts'
import { macroFrame } from '../../../src/trigger/macro-frame.ts'
import type { Shot } from '../../support/shots.ts'
import type { Pauses } from '../native/stimulus.ts'

const noPauses: Pauses = { input: 0, output: 0, seed: 1 }

/** Clocks without a byte in or out after which the core counts as stuck; a wide frame begins with rows of zeros. */
const patience = 400_000

/** Drives a simulated macro_core through its registers and streams, by words for its millions of clocks. */
export class MacroDriver {
  cycles = 0
  /** Clock of the last byte in or out. */
  #progress = 0
  #packets: Uint8Array[] = []
  #packet: number[] = []
  #pauses: Pauses = noPauses
  #random = new Random(1)
  readonly #simulation: Simulation
  readonly #words: Int32Array
  readonly #step: () => void
  readonly #port: Readonly<Record<string, number>>
  /** Outputs that are no registers have to be computed before they are looked at. */
  readonly #settles: boolean

  constructor({ simulation }: Dut) {
    this.#simulation = simulation
    this.#words = simulation.words
    this.#step = simulation.stepFunction
    this.#port = Object.fromEntries([...simulation.ports.keys()].map((name) => [name, simulation.word(name)]))
    this.#settles = [...simulation.ports.values()].some(({ name, registered }) => {
      return name.startsWith('m_axis_') && !registered
    })
    this.reset()
  }

  /** Resets the core, or only begins a session, and forgets what was under way. */
  reset(how: 'rst' | 'session' = 'rst'): void {
    this.#set('s_axis_tvalid', 0)
    this.#set('reg_valid', 0)
    this.#set(how, 1)
    this.#step()
    this.#set(how, 0)
    this.#step()
    this.#packets = []
    this.#packet = []
  }

  pause(pauses: Pauses = noPauses): void {
    this.#pauses = pauses
    this.#random = new Random(pauses.seed)
  }

  read(name: RegisterName): number {
    return this.#access(name)
  }

  write(name: RegisterName, value: number): void {
    this.#access(name, value)
    if (name === 'reset') {
      this.#packets = []
      this.#packet = []
    }
  }

  /** One frame after the other: settings, macro-pixels, then the packet is awaited. */
  process(shots: readonly Shot[]): Uint8Array[] {
    return shots.map((shot) => {
      this.send(this.configure(shot))
      return this.receive()
    })
  }

  /** Writes what belongs to the frame and returns its bytes. */
  configure({ settings, pixels, words, frame, timeTag }: Shot): Uint8Array {
    const macro = macroFrame(pixels, words, settings)
    for (const [name, value] of settingsRegisters(settings)) this.write(name, value)
    for (const [name, value] of frameRegisters(frame, timeTag)) this.write(name, value)
    this.write('clipped_pixels', macro.clippedPixels)
    return encodeMacroPixels(macro)
  }

  send(bytes: Uint8Array): void {
    this.#progress = this.cycles
    const words = this.#words
    const data = this.#port['s_axis_tdata']!
    const ready = this.#port['s_axis_tready']!
    for (const byte of bytes) {
      while (this.#pauses.input > 0 && this.#random.integer(256) < this.#pauses.input) {
        // The data of an idle clock must not matter.
        words[data] = this.#random.integer(256)
        this.#tick()
      }
      this.#set('s_axis_tvalid', 1)
      words[data] = byte
      for (let taken = false; !taken; ) {
        this.#simulation.settle()
        taken = words[ready] !== 0
        this.#tick()
        if (taken) this.#progress = this.cycles
        else this.#expectProgress('a byte is not taken')
      }
      this.#set('s_axis_tvalid', 0)
    }
  }

  /** The next packet. */
  receive(): Uint8Array {
    this.#progress = this.cycles
    while (this.#packets.length === 0) {
      this.#tick()
      this.#expectProgress(`no packet: ${this.#packet.length} bytes of it came`)
    }
    // The frame is counted after its last byte.
    this.run(8)
    return this.#packets.shift()!
  }

  run(clocks: number): void {
    for (let i = 0; i < clocks; i++) this.#tick()
  }

  /** Runs idle clocks; anything that comes out unasked for is an error. */
  expectSilence(clocks = 2000): void {
    this.run(clocks)
    if (this.#packets.length + this.#packet.length > 0) throw new Error('bytes without a frame')
  }

  #expectProgress(failure: string): void {
    if (this.cycles - this.#progress > patience) throw new Error(failure)
  }

  #access(name: RegisterName, value?: number): number {
    this.#set('reg_valid', 1)
    this.#set('reg_write', value === undefined ? 0 : 1)
    this.#set('reg_address', registerAddress.get(name)!)
    this.#set('reg_write_data', value ?? 0)
    for (let clocks = 0; this.#words[this.#port['reg_ready']!] === 0; clocks++) {
      if (clocks > patience) throw new Error(`no answer for register ${name}`)
      this.#tick()
    }
    const data = this.#words[this.#port['reg_read_data']!]! >>> 0
    this.#tick()
    this.#set('reg_valid', 0)
    return data
  }

  #set(name: string, value: number): void {
    this.#words[this.#port[name]!] = value
  }

  /** One clock: at most one byte of output. */
  #tick(): void {
    const words = this.#words
    const port = this.#port
    const ready = this.#pauses.output === 0 || this.#random.integer(256) >= this.#pauses.output
    words[port['m_axis_tready']!] = ready ? 1 : 0
    if (this.#settles) this.#simulation.settle()
    if (ready && words[port['m_axis_tvalid']!] !== 0) {
      this.#progress = this.cycles
      this.#packet.push(words[port['m_axis_tdata']!]!)
      if (words[port['m_axis_tlast']!] !== 0) {
        this.#packets.push(Uint8Array.from(this.#packet))
        this.#packet = []
      }
    }
    this.#step()
    this.cycles++
  }
}
