import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import type { HardwareModule } from '../../src/network/hardware/hardware-module.ts'
import { allFiles } from '../../src/network/hardware/library-files.ts'
import { packBeats, unpackBeats } from '../../src/network/hardware/stream-packing.ts'
import { compileVerilog } from '../verilog/compile.ts'
import { Simulation } from '../verilog/simulation.ts'

/** How the two ends of the stream behave. */
export interface StreamBehaviour {
  /** Share of clocks in which the source has nothing to send, 0..1 (default 0). */
  readonly bubbles?: number
  /** Share of clocks in which the sink is not ready (default 0). */
  readonly stalls?: number
  readonly seed?: number
}

/** What came out, and when. */
export interface StreamResult {
  readonly outputs: Float64Array[]
  /** Clock of the handshake of each tensor's last input beat, and of its last output beat. */
  readonly taken: readonly number[]
  readonly made: readonly number[]
}

/** A network's Verilog, running: tensors in, tensors out, through its AXI4-Streams. */
export class SimulatedNetwork {
  readonly #module: HardwareModule
  readonly #simulation: Simulation
  readonly #inputShape: readonly number[]
  readonly #outputShape: readonly number[]

  private constructor(
    module: HardwareModule,
    simulation: Simulation,
    inputShape: readonly number[],
    outputShape: readonly number[],
  ) {
    this.#module = module
    this.#simulation = simulation
    this.#inputShape = inputShape
    this.#outputShape = outputShape
  }

  /**
   * @param inputShape shape of a tensor without batch axis
   * @throws GemgateError GG_VERILOG_... when the simulator refuses the module
   */
  static async open(
    module: HardwareModule,
    inputShape: readonly number[],
    outputShape: readonly number[],
    options: { readonly cache?: string | false } = {},
  ): Promise<SimulatedNetwork> {
    const files = Object.fromEntries(await allFiles(module))
    const design = await compileVerilog(
      Object.keys(files).filter((name) => name.endsWith('.sv')),
      { top: module.name, files, ...options },
    )
    return new SimulatedNetwork(module, new Simulation(design), inputShape, outputShape)
  }

  /** Writes words through the port of a reloadable network, between two tensors. */
  reload(words: readonly { readonly address: number; readonly data: number }[]): void {
    const simulation = this.#simulation
    simulation.set('w_enable', 1)
    for (const { address, data } of words) {
      simulation.set('w_address', address)
      simulation.set('w_data', data >>> 0)
      simulation.step()
    }
    simulation.set('w_enable', 0)
  }

  /**
   * Sends tensors one after the other and waits for as many results.
   * @throws GemgateError GG_STREAM when the results do not come
   */
  run(inputs: readonly ArrayLike<number>[], behaviour: StreamBehaviour = {}): StreamResult {
    const { bubbles = 0, stalls = 0, seed = 1 } = behaviour
    const { input, output, latency, interval } = this.#module
    const random = new Random(seed)
    const simulation = this.#simulation
    simulation.set('rst', 1)
    simulation.step(4)
    simulation.set('rst', 0)
    const queue = inputs.flatMap((tensor) => packBeats(input, this.#inputShape, tensor))
    const received: bigint[] = []
    const taken: number[] = []
    const made: number[] = []
    const patience = 1000 + 20 * (latency + interval) + 40 * (input.beats + output.beats)
    const wanted = inputs.length * output.beats
    let sent = 0
    let offered = false
    let idle = 0
    for (let clock = 0; received.length < wanted; clock++) {
      if (!offered && sent < queue.length && random.uniform() >= bubbles) {
        simulation.set('s_axis_tdata', queue[sent]!)
        offered = true
      }
      simulation.set('s_axis_tvalid', offered ? 1 : 0)
      const ready = random.uniform() >= stalls
      simulation.set('m_axis_tready', ready ? 1 : 0)
      idle++
      if (ready && simulation.get('m_axis_tvalid') === 1) {
        received.push(BigInt(simulation.get('m_axis_tdata')))
        if (received.length % output.beats === 0) made.push(clock)
        idle = 0
      }
      if (offered && simulation.get('s_axis_tready') === 1) {
        offered = false
        sent++
        if (sent % input.beats === 0) taken.push(clock)
        idle = 0
      }
      simulation.step()
      if (idle > patience)
        throw new GemgateError(
          'GG_STREAM',
          `${this.#module.name} made ${received.length} of ${wanted} beats and took ${sent} of ${queue.length}, then nothing for ${idle} clocks`,
          'This is a bug in the generated logic; please report it with the model.',
        )
    }
    const outputs = inputs.map((_, n) =>
      unpackBeats(output, this.#outputShape, received.slice(n * output.beats, (n + 1) * output.beats)),
    )
    return { outputs, taken, made }
  }
}
