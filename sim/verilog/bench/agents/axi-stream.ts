import { GemgateError } from '../../../../src/core/errors.ts'
import type { StreamPort } from '../stream/options.ts'
import {
  type AnyDut,
  type Beat,
  type Channel,
  ChannelMonitor,
  type ChannelOptions,
  ChannelSink,
  ChannelSource,
  channelOf,
} from './channel.ts'

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
    this.last = find('last')
    const width = channel.fields.get(data)!.port.width
    this.lanes = this.keep === undefined ? Math.ceil(width / 8) : channel.fields.get(this.keep)!.port.width
    this.laneBytes = Math.ceil(width / 8 / this.lanes)
  }

  /** Bytes as beats: full ones, then a last one that keeps the rest. */
  beats(bytes: Uint8Array, fields: PacketFields): Beat[] {
    const { lanes, laneBytes, keep, last, data } = this
    const size = lanes * laneBytes
    if (bytes.length === 0 || (keep === undefined && bytes.length % size !== 0))
      throw new GemgateError(
        'GG_USAGE',
        `${bytes.length} bytes are no packet for ${this.channel.name}, whose beats have ${size}`,
        keep === undefined ? 'Without tkeep only whole beats can be sent.' : 'Send one byte or more.',
      )
    const beats: Beat[] = []
    for (let start = 0; start < bytes.length; start += size) {
      const part = bytes.subarray(start, start + size)
      const value = part.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
      const width = this.channel.fields.get(data)!.port.width
      beats.push({
        ...fields,
        [data]: width <= 32 ? Number(value) : value,
        ...(keep === undefined ? {} : { [keep]: keepMask(Math.ceil(part.length / laneBytes), lanes) }),
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

  constructor(dut: AnyDut, port: string | StreamPort, options: ChannelOptions = {}) {
    this.#dut = dut
    this.#layout = new Layout(channelOf(dut, port))
    this.#source = new ChannelSource(dut, this.#layout.channel, options)
  }

  /** Queues a packet of bytes, with `tkeep` and `tlast` where the stream has them. */
  send(bytes: Uint8Array, fields: PacketFields = {}): void {
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
    await this.#dut.scheduler.waitCondition(() => this.#source.pending === 0, what, limit)
  }

  detach(): void {
    this.#source.detach()
  }
}

/** Puts beats together to packets. */
class PacketCollector {
  readonly packets: Packet[] = []
  readonly #dut: AnyDut
  readonly #layout: Layout
  readonly #heard: ((packet: Packet) => void) | undefined
  #beats: Beat[] = []
  #start = 0

  constructor(dut: AnyDut, layout: Layout, heard: ((packet: Packet) => void) | undefined) {
    this.#dut = dut
    this.#layout = layout
    this.#heard = heard
  }

  readonly add = (beat: Beat): void => {
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
    this.packets.push(packet)
    this.#heard?.(packet)
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
    this.packets = collector.packets
    this.#monitor = new ChannelMonitor(dut, layout.channel, collector.add, options.clock)
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
  #given = 0

  constructor(
    dut: AnyDut,
    port: string | StreamPort,
    options: ChannelOptions & Pick<AxiStreamMonitorOptions, 'onPacket'> = {},
  ) {
    const layout = new Layout(channelOf(dut, port))
    const collector = new PacketCollector(dut, layout, options.onPacket)
    this.#dut = dut
    this.#name = layout.channel.name
    this.packets = collector.packets
    this.#sink = new ChannelSink(dut, layout.channel, collector.add, options)
  }

  /** False holds `ready` low from the next cycle on. */
  set enabled(value: boolean) {
    this.#sink.enabled = value
  }

  /** The next packet. @throws GemgateError GG_SIM_TIMEOUT */
  async receive({ limit }: WaitOptions = {}): Promise<Packet> {
    const index = this.#given++
    const what = `packet ${index} from ${this.#name}`
    await this.#dut.scheduler.waitCondition(() => this.packets.length > index, what, limit)
    return this.packets[index]!
  }

  detach(): void {
    this.#sink.detach()
  }
}
