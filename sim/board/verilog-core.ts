import { type RegisterName, registerAddress } from '../../src/board/registers.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { compileVerilog, Simulation } from '../verilog/index.ts'
import { coreSources } from './core-sources.ts'
import type { Core } from './emulated-board.ts'

/** Clocks without a pixel taken or a word given after which the simulated logic counts as stuck. */
const patience = 2_000_000

/** Clocks from the last word of a packet until the logic is ready for the next frame. */
const closing = 4

/** The Verilog of hdl/ in simulation, driven at one pixel per clock. */
export class VerilogCore implements Core {
  readonly info = { address: 'sim:', kind: 'sim', build: 0n, clock: 0 } as const
  readonly #simulation: Simulation
  /** Clocks simulated since the start. */
  cycles = 0
  clocksAfterLastPixel: number | undefined

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    simulation.set('rst', 1)
    simulation.step(4)
    simulation.set('rst', 0)
    simulation.set('m_axis_tready', 1)
  }

  /** Compiles the Verilog below `hdl` (with a cache) and resets it. Throws GG_VERILOG_*. */
  static async load(hdl: string): Promise<VerilogCore> {
    const design = await compileVerilog(coreSources(hdl), { top: 'gemgate_core' })
    return new VerilogCore(new Simulation(design))
  }

  write(register: RegisterName, value: number): void {
    const simulation = this.#simulation
    simulation.set('reg_write', 1)
    simulation.set('reg_address', registerAddress.get(register)!)
    simulation.set('reg_write_data', value)
    simulation.step()
    simulation.set('reg_write', 0)
    // A strobe reaches its unit one clock after the write, and a reset takes one more.
    simulation.step(2)
    this.cycles += 3
  }

  read(register: RegisterName): number {
    this.#simulation.set('reg_address', registerAddress.get(register)!)
    this.#simulation.set('reg_read', 1)
    this.#simulation.step()
    this.#simulation.set('reg_read', 0)
    this.cycles++
    return Number(this.#simulation.get('reg_read_data'))
  }

  frame(pixels: Uint16Array, pedestal: Uint32Array): Uint8Array {
    const simulation = this.#simulation
    const { words, stepFunction: step } = simulation
    const data = simulation.word('s_axis_tdata')
    const valid = simulation.word('s_axis_tvalid')
    const ready = simulation.word('s_axis_tready')
    const outValid = simulation.word('m_axis_tvalid')
    const outData = simulation.word('m_axis_tdata')
    const outLast = simulation.word('m_axis_tlast')
    const packet: number[] = []
    const count = pixels.length
    let cycles = 0
    let progress = 0
    words[valid] = 1
    for (let i = 0; i < count; cycles++) {
      const word = pedestal[i]!
      words[data] = pixels[i]! | (word << 16)
      words[data + 1] = word >>> 16
      if (words[ready] !== 0) {
        i++
        progress = cycles
      }
      if (words[outValid] !== 0) {
        packet.push(words[outData]!)
        progress = cycles
      }
      step()
      if (cycles - progress > patience) throw this.#stuck(valid)
    }
    words[valid] = 0
    const streamed = cycles
    for (let last = false; !last; cycles++) {
      if (words[outValid] !== 0) {
        packet.push(words[outData]!)
        last = words[outLast] !== 0
        progress = cycles
      }
      step()
      if (cycles - progress > patience) throw this.#stuck(valid)
    }
    this.clocksAfterLastPixel = cycles - streamed
    // The logic counts the frame after its last word has left.
    simulation.step(closing)
    this.cycles += cycles + closing
    return new Uint8Array(Int32Array.from(packet).buffer)
  }

  /** Leaves the logic ready for the next frame. */
  #stuck(valid: number): GemgateError {
    this.#simulation.words[valid] = 0
    this.write('reset', 1)
    return new GemgateError(
      'GG_STREAM',
      `the simulated logic made no progress for ${patience} clocks`,
      'Its settings or the Verilog are wrong; compare with model: on the same frame.',
    )
  }
}
