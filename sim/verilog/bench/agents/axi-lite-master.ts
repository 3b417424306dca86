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
  readonly #clock: string | undefined
  readonly #channels: Readonly<Record<'aw' | 'w' | 'ar', ChannelSource>>
  readonly #sinks: readonly ChannelSink[]
  /** Responses in order; undefined for one that a reset has swallowed. */
  readonly #written: (Beat | undefined)[] = []
  readonly #read: (Beat | undefined)[] = []
  readonly #allBytes: number | bigint
  #writes = 0
  #reads = 0

  /** @param prefix of the ports: `s_axil` for `s_axil_awaddr` */
  constructor(dut: AnyDut, prefix: string, options: AxiLiteOptions = {}) {
    this.#dut = dut
    this.#prefix = prefix
    this.#limit = options.limit
    this.#clock = options.clock
    const source = (name: string) =>
      new ChannelSource(dut, channelOf(dut, `${prefix}_${name}`, 'input'), options)
    const sink = (name: string, responses: (Beat | undefined)[], requests: readonly ChannelSource[]) => {
      const listener = {
        heard: (beat: Beat) => void responses.push(beat),
        restart: () => {
          const begun = Math.max(...requests.map(({ sent }) => sent))
          for (const request of requests) request.forget(begun)
          while (responses.length < begun) responses.push(undefined)
        },
      }
      return new ChannelSink(dut, channelOf(dut, `${prefix}_${name}`, 'output'), listener, options)
    }
    const [aw, w, ar] = [source('aw'), source('w'), source('ar')]
    this.#channels = { aw, w, ar }
    this.#sinks = [sink('b', this.#written, [aw, w]), sink('r', this.#read, [ar])]
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
    { prot }: { readonly prot?: number } = {},
  ): Promise<{ data: number | bigint; resp: number }> {
    const { ar } = this.#channels
    ar.push([{ addr: address, ...(prot === undefined ? {} : { prot }) }])
    const index = this.#reads++
    const { data = 0, resp = 0 } = await this.#response(this.#read, index, `read data of ${hex(address)}`)
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
    { strobe, prot }: AxiLiteWrite = {},
  ): Promise<number> {
    const { aw, w } = this.#channels
    const allBytes = w.channel.fields.has('strb') ? { strb: this.#allBytes } : {}
    const data = [{ data: value, ...(strobe === undefined ? allBytes : { strb: strobe }) }]
    w.check(data)
    aw.push([{ addr: address, ...(prot === undefined ? {} : { prot }) }])
    w.push(data)
    const index = this.#writes++
    const what = `the response to the write to ${hex(address)}`
    const { resp = 0 } = await this.#response(this.#written, index, what)
    return Number(resp)
  }

  detach(): void {
    for (const channel of [...Object.values(this.#channels), ...this.#sinks]) channel.detach()
  }

  async #response(responses: readonly (Beat | undefined)[], index: number, what: string): Promise<Beat> {
    const { scheduler } = this.#dut
    const holds = () => responses.length > index
    await scheduler.waitCondition(holds, `${what} on ${this.#prefix}`, this.#limit, this.#clock)
    const response = responses[index]
    if (response) return response
    throw new GemgateError(
      'GG_BUS',
      `${what} on ${this.#prefix} was lost in a reset`,
      'Wait for responses before a reset.',
    )
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

const hex = (address: number | bigint) => `0x${address.toString(16)}`
