import { readFileSync } from 'node:fs'
import type { GatewarePins } from '../../sim/board/gateware-pins.ts'
import { pinsOf } from '../../sim/board/gateware-pins.ts'
import type { LinkDevice } from '../../sim/board/link-device.ts'
import { compileVerilog, Simulation } from '../../sim/verilog/index.ts'
import { root } from './hdl-files.ts'

/** Clocks without a byte in either direction after which the simulation sleeps. */
const patience = 400_000
/** Clocks between looks for bytes, and batches until others in this process have their turn. */
const batch = 512
const batches = 40

/** The netlist of a bitstream in simulation, driven at the pins of its UART. */
export class NetlistBoard implements LinkDevice {
  readonly framing = 'bytes'
  onOutput: (() => void) | undefined
  cycles = 0
  readonly #pins: GatewarePins
  #quiet = 0
  #running = false
  #closed = false
  readonly #output: Uint8Array[] = []

  private constructor(pins: GatewarePins) {
    this.#pins = pins
  }

  /** @param netlist Verilog of iCE40 cells; nothing but the clock and the serial line is driven */
  static async load(netlist: string, top: string, divisor: number): Promise<NetlistBoard> {
    const spram = readFileSync(`${root}hdl/board/models/SB_SPRAM256KA.sv`, 'utf8')
    const files = { 'board.sv': wrapper(top), 'netlist.v': netlist, 'spram.sv': spram }
    const options = { top: 'board', cells: 'ice40', files, cache: false } as const
    const simulation = new Simulation(await compileVerilog(Object.keys(files), options))
    const pins = pinsOf(simulation, { level: 'uart', divisor } as Parameters<typeof pinsOf>[1])
    // the power-on reset
    pins.clock(1024)
    return new NetlistBoard(pins)
  }

  receive(bytes: Uint8Array): void {
    this.#pins.give(bytes)
    this.#quiet = 0
    this.#wake()
  }

  transmit(): Uint8Array | undefined {
    return this.#output.shift()
  }

  close(): void {
    this.#closed = true
  }

  #wake(): void {
    if (this.#running || this.#closed) return
    this.#running = true
    setImmediate(() => this.#run())
  }

  #run(): void {
    this.#running = false
    if (this.#closed) return
    for (let i = 0; i < batches && this.#quiet < patience; i++) {
      const busy = this.#pins.clock(batch)
      this.cycles += batch
      this.#quiet = busy ? 0 : this.#quiet + batch
      const bytes = this.#pins.take(4096)
      if (bytes.length === 0) continue
      this.#output.push(bytes)
      break
    }
    if (this.#output.length > 0) this.onOutput?.()
    if (this.#quiet < patience) this.#wake()
  }
}

/** Ports as pinsOf drives them; the netlist resets itself. */
function wrapper(top: string): string {
  return `module board (input wire clk, input wire rst, input wire rx, output logic tx);
  wire line;
  ${top} top_i (.clk(clk), .uart_rx(rx), .uart_tx(line));
  always_ff @(posedge clk) tx <= line;
endmodule
`
}
