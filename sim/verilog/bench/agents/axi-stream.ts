import { GemgateError } from '../../../../src/core/errors.ts'
import type { StreamPort } from '../stream/options.ts'
import {
  type AnyDut,
  type Beat,
  type Channel,
  type ChannelListener,
  ChannelMonitor,
  type ChannelOptions,
  ChannelSink,
  ChannelSource,
  channelOf,
} from './channel.ts'
import { Inbox } from './inbox.ts'

export interface WaitOptions {
  /** Cycles after which it is a GG_SIM_TIMEOUT. */
  readonly limit?: number
}

/** Fields that go with a whole packet: `tuser`, `tid`, `tdest`. */
export type PacketFields = Readonly<Record<string, number | bigint>>

/** Beats up to `tlast`; without that field each beat is a packet. */
export interface Packet {
  readonly beats: readonly Beat[]
  /** The bytes of `tdata` that `tkeep` keeps, lowest first; data that is no whole number of bytes is rounded up. */
  readonly bytes: Uint8Array
  /** Fields of the first beat. */
  readonly first: Beat
  /** Simulated times just after the first and the last beat. */
  readonly start: number
  readonly end: number
}

/** The usual fields of a stream, whatever their prefix. */
class Layout {
  readonly channel: Channel
  readonly data: string
  readonly keep: string | undefined
  readonly strobe: string | undefined
  readonly last: string | undefined
  readonly laneBytes: number
  readonly lanes: number

  constructor(channel: Channel) {
    this.channel = channel
    const find = (role: string) =>
      [...channel.fields.keys()].find((field) => new RegExp(`(?:^|_)t?${role}$`).test(field))
    const data = find('data')
    if (data === undefined)
      throw new GemgateError(
        'GG_PORT',
        `the stream ${channel.name} has no data`,
        `Its fields are ${[...channel.fields.keys()].join(', ') || 'none'}.`,
      )
    this.data = data
    this.keep = find('keep')
    this.strobe = find('strb')
    this.last = find('last')
    const width = channel.fields.get(data)!.port.width
    const mask = this.keep ?? this.strobe
    this.lanes = mask === undefined ? Math.ceil(width / 8) : channel.fields.get(mask)!.port.width
    this.laneBytes = Math.ceil(width / 8 / this.lanes)
  }

  /** Bytes as beats: full ones, then a last one that keeps the rest. */
  beats(bytes: ArrayLike<number>, fields: PacketFields): Beat[] {
    const { lanes, laneBytes, keep, strobe, last, data } = this
    const size = lanes * laneBytes
    if (bytes.length === 0 || (keep === undefined && bytes.length % size !== 0))
      throw new GemgateError(
        'GG_USAGE',
        `${bytes.length} bytes are no packet for ${this.channel.name}, whose beats have ${size}`,
        keep === undefined ? 'Without tkeep only whole beats can be sent.' : 'Send one byte or more.',
      )
    const list = Array.from(bytes)
    const wrong = list.findIndex((byte) => !(Number.isInteger(byte) && byte >= 0 && byte <= 255))
    if (wrong >= 0)
      throw new GemgateError(
        'GG_USAGE',
        `byte ${wrong} of a packet for ${this.channel.name} is ${list[wrong]}`,
        'Give bytes from 0 to 255: `new Uint8Array(values.buffer)` for wider values.',
      )
    const beats: Beat[] = []
    for (let start = 0; start < bytes.length; start += size) {
      const part = list.slice(start, start + size)
      const mask = keepMask(Math.ceil(part.length / laneBytes), lanes)
      const value = part.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
      const width = this.channel.fields.get(data)!.port.width
      beats.push({
        ...fields,
        [data]: width <= 32 ? Number(value) : value,
        ...(keep === undefined ? {} : { [keep]: mask }),
        ...(strobe === undefined ? {} : { [strobe]: mask }),
        ...(last === undefined ? {} : { [last]: Number(start + size >= bytes.length) }),
      })
    }
    return beats
  }

  bytes(beats: readonly Beat[]): Uint8Array {
    const { lanes, laneBytes, keep, data } = this
    const bytes: number[] = []
    const width = BigInt(this.channel.fields.get(data)!.port.width)
    for (const beat of beats) {
      const kept = keep === undefined ? -1n : BigInt(beat[keep]!)
      const value = BigInt.asUintN(Number(width), BigInt(beat[data]!))
      for (let i = 0; i < lanes * laneBytes; i++)
        if ((kept >> BigInt(Math.floor(i / laneBytes))) & 1n)
          bytes.push(Number((value >> BigInt(8 * i)) & 0xffn))
    }
    return Uint8Array.from(bytes)
  }
}

function keepMask(count: number, lanes: number): number | bigint {
  const mask = (1n << BigInt(count)) - 1n
  return lanes <= 32 ? Number(mask) : mask
}

/** Sends packets into a stream of the design, pausing at random. */
export class AxiStreamSource {
  readonly #dut: AnyDut
  readonly #layout: Layout
  readonly #source: ChannelSource
  readonly #clock: string | undefined

  constructor(dut: AnyDut, port: string | StreamPort, options: ChannelOptions = {}) {
    this.#dut = dut
    this.#layout = new Layout(channelOf(dut, port, 'input'))
    this.#clock = options.clock
    this.#source = new ChannelSource(dut, this.#layout.channel, options)
  }

  /** Queues a packet of bytes, with `tkeep`, `tstrb` and `tlast` where the stream has them. */
  send(bytes: ArrayLike<number>, fields: PacketFields = {}): void {
    this.#source.push(this.#layout.beats(bytes, fields))
  }

  /** Queues beats as they are: `{ tdata: 1, tlast: 1 }`. */
  sendBeats(beats: readonly Beat[]): void {
    this.#source.push(beats)
  }

  /** Beats that wait or are being offered. */
  get pending(): number {
    return this.#source.pending
  }

  /** Waits until everything queued has been taken. @throws GemgateError GG_SIM_TIMEOUT */
  async sent({ limit }: WaitOptions = {}): Promise<void> {
    const what = `${this.#layout.channel.name} to take all beats`
    await this.#dut.scheduler.waitCondition(() => this.#source.pending === 0, what, limit, this.#clock)
  }

  detach(): void {
    this.#source.detach()
  }
}

/** Puts beats together to packets. */
class PacketCollector implements ChannelListener {
  readonly inbox = new Inbox<Packet>()
  readonly #dut: AnyDut
  readonly #layout: Layout
  readonly #onPacket: ((packet: Packet) => void) | undefined
  #beats: Beat[] = []
  #start = 0

  constructor(dut: AnyDut, layout: Layout, onPacket: ((packet: Packet) => void) | undefined) {
    this.#dut = dut
    this.#layout = layout
    this.#onPacket = onPacket
  }

  heard(beat: Beat): void {
    if (this.#beats.length === 0) this.#start = this.#dut.time
    this.#beats.push(beat)
    const { last } = this.#layout
    if (last !== undefined && beat[last] === 0) return
    const beats = this.#beats
    this.#beats = []
    const packet = {
      beats,
      bytes: this.#layout.bytes(beats),
      first: beats[0]!,
      start: this.#start,
      end: this.#dut.time,
    }
    this.inbox.items.push(packet)
    this.#onPacket?.(packet)
  }

  restart(): void {
    this.#beats = []
  }
}

export interface AxiStreamMonitorOptions {
  readonly clock?: string
  /** Hears of each packet just after the edge that took its last beat. */
  readonly onPacket?: (packet: Packet) => void
}

/** Listens to a stream, input or output, and checks that offers stay until they are taken (GG_BUS). */
export class AxiStreamMonitor {
  /** All packets so far. */
  readonly packets: readonly Packet[]
  readonly #monitor: ChannelMonitor

  constructor(dut: AnyDut, port: string | StreamPort, options: AxiStreamMonitorOptions = {}) {
    const layout = new Layout(channelOf(dut, port))
    const collector = new PacketCollector(dut, layout, options.onPacket)
    this.packets = collector.inbox.items
    this.#monitor = new ChannelMonitor(dut, layout.channel, collector, options.clock)
  }

  get beats(): number {
    return this.#monitor.beats
  }

  detach(): void {
    this.#monitor.detach()
  }
}

/** Takes packets from a stream of the design, pausing at random. */
export class AxiStreamSink {
  /** All packets so far, those that `receive` gave included. */
  readonly packets: readonly Packet[]
  readonly #dut: AnyDut
  readonly #name: string
  readonly #sink: ChannelSink
  readonly #inbox: Inbox<Packet>
  readonly #clock: string | undefined

  constructor(
    dut: AnyDut,
    port: string | StreamPort,
    options: ChannelOptions & Pick<AxiStreamMonitorOptions, 'onPacket'> = {},
  ) {
    const layout = new Layout(channelOf(dut, port, 'output'))
    const collector = new PacketCollector(dut, layout, options.onPacket)
    this.#dut = dut
    this.#name = layout.channel.name
    this.#inbox = collector.inbox
    this.#clock = options.clock
    this.packets = collector.inbox.items
    this.#sink = new ChannelSink(dut, layout.channel, collector, options)
  }

  /** False holds `ready` low from the next cycle on. */
  set enabled(value: boolean) {
    this.#sink.enabled = value
  }

  /** The next packet. @throws GemgateError GG_SIM_TIMEOUT */
  async receive({ limit }: WaitOptions = {}): Promise<Packet> {
    const what = `packet ${this.packets.length} from ${this.#name}`
    const { scheduler } = this.#dut
    const [packet] = await this.#inbox.take(1, (holds) =>
      scheduler.waitCondition(holds, what, limit, this.#clock),
    )
    return packet!
  }

  detach(): void {
    this.#sink.detach()
  }
}
