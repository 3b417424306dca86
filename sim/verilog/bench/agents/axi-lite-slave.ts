import { GemgateError } from '../../../../src/core/errors.ts'
import {
  type AnyDut,
  type Beat,
  type ChannelOptions,
  ChannelSink,
  ChannelSource,
  channelOf,
} from './channel.ts'

export interface AxiLiteSlaveOptions extends ChannelOptions {
  /** Bytes of memory, default 64 KiB; what lies outside is answered with DECERR. */
  readonly size?: number
  /** Answers SLVERR, and writes nothing, where this is true. */
  readonly fails?: (address: number, kind: 'read' | 'write') => boolean
}

const [okay, slaveError, decodeError] = [0, 2, 3]

/** A memory for a design that is an AXI4-Lite master. */
export class AxiLiteSlave {
  readonly memory: Uint8Array
  readonly #options: AxiLiteSlaveOptions
  readonly #sinks: readonly ChannelSink[]
  readonly #responses: ChannelSource
  readonly #data: ChannelSource
  readonly #addresses: Beat[] = []
  readonly #values: Beat[] = []
  readonly #bytes: number
  /** Requests answered so far. */
  reads = 0
  writes = 0

  /** @param prefix of the ports: `m_axil` for `m_axil_awaddr` */
  constructor(dut: AnyDut, prefix: string, options: AxiLiteSlaveOptions = {}) {
    const { size = 65536 } = options
    if (!Number.isInteger(size) || size <= 0)
      throw new GemgateError('GG_USAGE', `a memory of ${size} bytes`, 'Give a whole number of bytes.')
    this.memory = new Uint8Array(size)
    this.#options = options
    const channel = (name: string, direction: 'input' | 'output') =>
      channelOf(dut, `${prefix}_${name}`, direction)
    const sink = (name: string, heard: (beat: Beat) => void, restart: () => void) =>
      new ChannelSink(dut, channel(name, 'output'), { heard, restart }, options)
    this.#responses = new ChannelSource(dut, channel('b', 'input'), options)
    this.#data = new ChannelSource(dut, channel('r', 'input'), options)
    this.#bytes = this.#dataBytes(prefix)
    this.#sinks = [
      sink(
        'aw',
        (beat) => this.#write(this.#addresses, beat),
        () => this.#forgetWrites(),
      ),
      sink(
        'w',
        (beat) => this.#write(this.#values, beat),
        () => this.#forgetWrites(),
      ),
      sink(
        'ar',
        (beat) => this.#read(beat),
        () => this.#data.forget(),
      ),
    ]
  }

  detach(): void {
    for (const channel of [...this.#sinks, this.#responses, this.#data]) channel.detach()
  }

  #dataBytes(prefix: string): number {
    const width = this.#data.channel.fields.get('data')?.port.width ?? 0
    if (width > 0 && width % 8 === 0) return width / 8
    throw new GemgateError(
      'GG_PORT',
      `${prefix}_rdata has ${width} bits`,
      'The data of AXI4-Lite must be whole bytes.',
    )
  }

  /** Address and data come in any order; a write is done when both are there. */
  #write(queue: Beat[], beat: Beat): void {
    queue.push(beat)
    if (this.#addresses.length === 0 || this.#values.length === 0) return
    const address = this.#aligned(this.#addresses.shift()!)
    const { data = 0, strb } = this.#values.shift()!
    const resp = this.#answer(address, 'write')
    if (resp === okay)
      for (let i = 0; i < this.#bytes; i++)
        if (strb === undefined || (BigInt(strb) >> BigInt(i)) & 1n)
          this.memory[address + i] = Number(
            (BigInt.asUintN(8 * this.#bytes, BigInt(data)) >> BigInt(8 * i)) & 0xffn,
          )
    this.writes++
    this.#responses.push([{ resp }])
  }

  #forgetWrites(): void {
    this.#addresses.length = 0
    this.#values.length = 0
    this.#responses.forget()
  }

  #read(beat: Beat): void {
    const address = this.#aligned(beat)
    const resp = this.#answer(address, 'read')
    let value = 0n
    if (resp === okay)
      for (let i = this.#bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.memory[address + i]!)
    this.reads++
    this.#data.push([{ data: this.#bytes <= 4 ? Number(value) : value, resp }])
  }

  #aligned({ addr = 0 }: Beat): number {
    return Math.floor(Number(addr) / this.#bytes) * this.#bytes
  }

  #answer(address: number, kind: 'read' | 'write'): number {
    if (this.#options.fails?.(address, kind)) return slaveError
    return address + this.#bytes > this.memory.length ? decodeError : okay
  }
}
