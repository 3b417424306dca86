import { join } from 'node:path'
import { registerSchema } from '../../src/board/register-schema.ts'
import type { Framing } from '../../src/link/framer.ts'
import { compileVerilog, Simulation } from '../verilog/index.ts'
import { coreSources, verilogFiles } from './core-sources.ts'
import { type GatewarePins, pinsOf } from './gateware-pins.ts'
import { type GatewareParameters, gatewareTop, gatewareVerilog } from './gateware-top.ts'
import type { LinkDevice } from './link-device.ts'

export type GatewareOptions = Pick<GatewareParameters, 'level' | 'core'> &
  Partial<Omit<GatewareParameters, 'level' | 'core' | 'schema'>> & {
    /** Clocks without a byte in either direction after which the simulation sleeps until the next byte comes. */
    readonly patience?: number
  }

/** Milliseconds of simulation before others in this process have their turn: while bytes move, and while none do. */
const slice = { busy: 5, quiet: 0.3 } as const
/** Clocks after which a pause counts as one. */
const pause = 2048
/** Clocks between looks at the time. */
const batch = 512
/** Clocks without a byte after which a simulation sleeps: longer than the logic works on anything. */
const defaultPatience = 400_000
/** Bytes handed over at once. */
const chunkBytes = 4096

/**
 * The Verilog of link and trigger in simulation, driven at the pins. It runs in slices while there is something to do, so that
 * the host in the same process lives.
 */
export class Gateware implements LinkDevice {
  readonly framing: Framing
  onOutput: (() => void) | undefined
  readonly #pins: GatewarePins
  readonly #patience: number
  #cycles = 0
  #quiet = 0
  #running = false
  #closed = false
  #output: Uint8Array[] = []

  /** Around any design whose pins can be driven, see gateware-pins.ts. */
  constructor(pins: GatewarePins, framing: Framing, patience = defaultPatience) {
    this.#pins = pins
    this.framing = framing
    this.#patience = patience
  }

  /**
   * Compiles the Verilog below `hdl` (with a cache) and resets it.
   * Throws GG_VERILOG_*.
   */
  static async load(hdl: string, options: GatewareOptions): Promise<Gateware> {
    const parameters: GatewareParameters = {
      build: 0n,
      divisor: 4,
      macroSide: 256,
      labelBits: 5,
      gainBits: 8,
      ...options,
      schema: registerSchema,
    }
    const name = `${gatewareTop}.sv`
    const folders = ['link', 'macro'].map((folder) => join(hdl, folder))
    const board = ['macro_board.sv', 'power_on_reset.sv'].map((file) => join(hdl, 'board', file))
    const sources = [name, ...board, ...folders.flatMap(verilogFiles), ...coreSources(hdl)]
    const design = await compileVerilog(sources, {
      top: gatewareTop,
      files: { [name]: gatewareVerilog(parameters) },
    })
    const pins = pinsOf(new Simulation(design), parameters)
    return new Gateware(pins, parameters.level === 'records' ? 'records' : 'bytes', options.patience)
  }

  /** Clocks simulated since the start. */
  get cycles(): number {
    return this.#cycles
  }

  receive(bytes: Uint8Array): void {
    this.#pins.give(bytes)
    this.#quiet = 0
    this.#wake()
  }

  transmit(): Uint8Array | undefined {
    return this.#output.shift()
  }

  /** Stops the simulation. */
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
    const start = performance.now()
    const late = (): boolean => performance.now() - start > (this.#quiet < pause ? slice.busy : slice.quiet)
    let came = false
    do {
      const busy = this.#pins.clock(batch)
      this.#cycles += batch
      this.#quiet = busy ? 0 : this.#quiet + batch
      for (let bytes = this.#pins.take(chunkBytes); bytes.length > 0; bytes = this.#pins.take(chunkBytes)) {
        this.#output.push(bytes)
        came = true
      }
    } while (!came && this.#quiet < this.#patience && !late())
    if (came) this.onOutput?.()
    if (this.#quiet < this.#patience) this.#wake()
  }
}
