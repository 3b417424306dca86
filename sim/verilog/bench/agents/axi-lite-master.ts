import { GemgateError } from '../../../../src/core/errors.ts'
import {
  type AnyDut,
  type Beat,
  type ChannelOptions,
  ChannelSink,
  ChannelSource,
  channelOf,
} from './channel.ts'

/** Options of the five channels, each with its own pauses. */
export interface AxiLiteOptions extends ChannelOptions {
  /** Cycles to wait for a response before a GG_SIM_TIMEOUT. */
  readonly limit?: number
}

export interface AxiLiteWrite {
  /** Bytes to write, one bit each; by default all. */
  readonly strobe?: number | bigint
  readonly prot?: number
}

const responses = ['OKAY', 'EXOKAY', 'SLVERR', 'DECERR']

/** Reads and writes registers of a design that is an AXI4-Lite slave; its channels are independent of each other. */
export class AxiLiteMaster {
  readonly #dut: AnyDut
  readonly #prefix: string
  readonly #limit: number | undefined
  readonly #channels: Readonly<Record<'aw' | 'w' | 'ar', ChannelSource>>
  readonly #sinks: readonly ChannelSink[]
  readonly #written: Beat[] = []
  readonly #read: Beat[] = []
  readonly #allBytes: number | bigint
  #writes = 0
  #reads = 0

  /** @param prefix of the ports: `s_axil` for `s_axil_awaddr` */
  constructor(dut: AnyDut, prefix: string, options: AxiLiteOptions = {}) {
    this.#dut = dut
    this.#prefix = prefix
    this.#limit = options.limit
    const source = (name: string) => new ChannelSource(dut, channelOf(dut, `${prefix}_${name}`), options)
    const sink = (name: string, beats: Beat[]) =>
      new ChannelSink(dut, channelOf(dut, `${prefix}_${name}`), (beat) => beats.push(beat), options)
    this.#channels = { aw: source('aw'), w: source('w'), ar: source('ar') }
    this.#sinks = [sink('b', this.#written), sink('r', this.#read)]
    const lanes = this.#channels.w.channel.fields.get('strb')?.port.width ?? 0
    this.#allBytes = lanes <= 32 ? 2 ** lanes - 1 : (1n << BigInt(lanes)) - 1n
  }

  /**
   * Reads a register.
   * @throws GemgateError GG_BUS for an error response, GG_SIM_TIMEOUT
   */
  async read(address: number | bigint, options: { readonly prot?: number } = {}): Promise<number | bigint> {
    const { data, resp } = await this.readResponse(address, options)
    this.#check(resp, `read of ${hex(address)}`)
    return data
  }

  /** Reads a register; the response code is given back: 0 OKAY, 2 SLVERR, 3 DECERR. */
  async readResponse(
    address: number | bigint,
    { prot = 0 }: { readonly prot?: number } = {},
  ): Promise<{ data: number | bigint; resp: number }> {
    const { ar } = this.#channels
    ar.push([{ addr: address, ...field(ar, 'prot', prot) }])
    const index = this.#reads++
    await this.#response(() => this.#read.length > index, `read data of ${hex(address)}`)
    const { data = 0, resp = 0 } = this.#read[index]!
    return { data, resp: Number(resp) }
  }

  /**
   * Writes a register and waits for the response.
   * @throws GemgateError GG_BUS for an error response, GG_SIM_TIMEOUT
   */
  async write(address: number | bigint, value: number | bigint, options: AxiLiteWrite = {}): Promise<void> {
    this.#check(await this.writeResponse(address, value, options), `write to ${hex(address)}`)
  }

  /** Writes a register and gives back the response code. */
  async writeResponse(
    address: number | bigint,
    value: number | bigint,
    { strobe = this.#allBytes, prot = 0 }: AxiLiteWrite = {},
  ): Promise<number> {
    const { aw, w } = this.#channels
    aw.push([{ addr: address, ...field(aw, 'prot', prot) }])
    w.push([{ data: value, ...field(w, 'strb', strobe) }])
    const index = this.#writes++
    await this.#response(() => this.#written.length > index, `the response to the write to ${hex(address)}`)
    return Number(this.#written[index]!['resp'] ?? 0)
  }

  detach(): void {
    for (const channel of [...Object.values(this.#channels), ...this.#sinks]) channel.detach()
  }

  async #response(holds: () => boolean, what: string): Promise<void> {
    await this.#dut.scheduler.waitCondition(holds, `${what} on ${this.#prefix}`, this.#limit)
  }

  #check(resp: number, what: string): void {
    if (resp === 0) return
    throw new GemgateError(
      'GG_BUS',
      `${what} on ${this.#prefix} was answered with ${responses[resp]}`,
      'Use `readResponse` or `writeResponse` where an error is expected.',
    )
  }
}

function field(source: ChannelSource, name: string, value: number | bigint): Beat {
  return source.channel.fields.has(name) ? { [name]: value } : {}
}

const hex = (address: number | bigint) => `0x${address.toString(16)}`
