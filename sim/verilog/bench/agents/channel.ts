import { GemgateError } from '../../../../src/core/errors.ts'
import { Random } from '../../../../src/core/random.ts'
import type { PortDirection } from '../../compiler/layout.ts'
import type { Dut } from '../../dut.ts'
import { checkRange } from '../../simulation.ts'
import type { Process } from '../lanes.ts'
import type { PortAccess } from '../ports.ts'
import type { StreamPort } from '../stream/options.ts'
import { portOf, portsOfPrefix } from '../stream/plan.ts'

/** The values of one transfer by field; a field that is left out is 0. */
export type Beat = Readonly<Record<string, number | bigint>>

/** Any bench: agents do not care which ports it has. */
export type AnyDut = Pick<Dut<never>, 'port' | 'process' | 'scheduler' | 'simulation' | 'time'>

export interface ChannelOptions {
  /** Probability of a pause in a cycle, from 0 to below 1, default 0. */
  readonly stall?: number
  /** Of the pauses, default 1. */
  readonly seed?: number
  readonly clock?: string
}

/** A valid/ready channel of a design; its fields by the port names behind the prefix. */
export interface Channel {
  readonly name: string
  readonly valid: PortAccess
  readonly ready: PortAccess | undefined
  readonly fields: ReadonlyMap<string, PortAccess>
}

/**
 * Looks a channel up by prefix (`s_axis`) or by its ports.
 * @param direction that `valid` and the data must have: an input for a source, an output for a sink
 * @throws GemgateError GG_PORT
 */
export function channelOf(dut: AnyDut, given: string | StreamPort, direction?: PortDirection): Channel {
  const names = typeof given === 'string' ? portsOfPrefix(dut.simulation, given) : given
  const data = typeof names.data === 'string' ? [names.data] : names.data
  const { direction: side } = portOf(dut.simulation, names.valid, direction, 1)
  for (const name of data) portOf(dut.simulation, name, side)
  if (names.ready !== undefined) portOf(dut.simulation, names.ready, side === 'input' ? 'output' : 'input', 1)
  const field = (name: string) =>
    typeof given === 'string' ? name.slice(given.length).replace(/^_/, '') : name
  return {
    name: typeof given === 'string' ? given : names.valid,
    valid: dut.port(names.valid),
    ready: names.ready === undefined ? undefined : dut.port(names.ready),
    fields: new Map(data.map((name) => [field(name), dut.port(name)])),
  }
}

/** Pauses at random. */
export class Pauses {
  readonly #stall: number
  readonly #random: Random

  constructor({ stall = 0, seed = 1 }: ChannelOptions, name: string) {
    if (!(stall >= 0 && stall < 1))
      throw new GemgateError('GG_USAGE', `a stall of ${stall}`, 'Give a probability from 0 to below 1.')
    this.#stall = stall
    this.#random = new Random(seed).fork(name)
  }

  next(): boolean {
    return this.#stall > 0 && this.#random.uniform() < this.#stall
  }

  /** Any value of a port: nothing may depend on it. */
  rubbish({ port: { width, signed } }: PortAccess): number | bigint {
    if (width <= 32) {
      const value = this.#random.uint32() >>> (32 - width)
      return signed ? (value << (32 - width)) >> (32 - width) : value
    }
    let value = 0n
    for (let bits = 0; bits < width; bits += 32) value = (value << 32n) | BigInt(this.#random.uint32())
    return BigInt.asUintN(width, value)
  }
}

/** Offers beats, one after the other: valid stays until ready, and data with it. While it is low data is rubbish. */
export class ChannelSource implements Process {
  readonly channel: Channel
  readonly detach: () => void
  readonly #dut: AnyDut
  readonly #pauses: Pauses
  readonly #queue: Beat[] = []
  #head = 0
  #offering = false
  #taken = false

  constructor(dut: AnyDut, channel: Channel, options: ChannelOptions = {}) {
    this.channel = channel
    this.#dut = dut
    this.#pauses = new Pauses(options, `source ${channel.name}`)
    this.detach = dut.process(this, options.clock)
    this.#offer()
  }

  /** Beats that have been taken. */
  get sent(): number {
    return this.#head
  }

  /** Beats that wait or are being offered. */
  get pending(): number {
    return this.#queue.length - this.#head
  }

  /** @throws GemgateError GG_PORT for an unknown field or a value that does not fit; then nothing is queued */
  push(beats: readonly Beat[]): void {
    this.check(beats)
    for (const beat of beats) this.#queue.push({ ...beat })
    if (!this.#offering && !this.#dut.scheduler.sampling) this.#offer()
  }

  /** @throws GemgateError GG_PORT as `push` */
  check(beats: readonly Beat[]): void {
    const { name, fields } = this.channel
    for (const beat of beats)
      for (const [field, value] of Object.entries(beat)) {
        const access = fields.get(field)
        if (!access)
          throw new GemgateError(
            'GG_PORT',
            `${name} has no field ${field}`,
            `It has ${[...fields.keys()].join(', ') || 'none'}.`,
          )
        checkRange(access.port, value)
      }
  }

  sample(): void {
    const { ready } = this.channel
    const accepted = ready === undefined || ready.settled() === 1
    this.#taken = this.#offering && accepted && !this.#dut.scheduler.resetting
  }

  drive(): void {
    if (this.#taken) {
      this.#taken = false
      this.#offering = false
      this.#head++
    }
    if (!this.#offering) this.#offer()
  }

  restart(): void {
    this.#taken = false
    this.#offering = false
    this.#offer()
  }

  /** Drops beats that were queued, up to that number from the first one on, or all. */
  forget(until = this.#queue.length): void {
    this.#head = Math.max(this.#head, until)
    this.restart()
  }

  #offer(): void {
    const { fields, valid } = this.channel
    const waits = this.#dut.scheduler.resetting || this.#pauses.next()
    const beat = waits ? undefined : this.#queue[this.#head]
    for (const [name, port] of fields) port.write(beat ? (beat[name] ?? 0) : this.#pauses.rubbish(port))
    this.#offering = beat !== undefined
    valid.write(Number(this.#offering))
  }
}

export interface ChannelListener {
  /** A beat was taken, at the edge just passed. */
  heard(beat: Beat): void
  restart?(): void
}

/**
 * Looks at a channel: hears of every beat just after the edge that took it.
 * Throws GG_BUS when an offer is withdrawn or changed before it is taken.
 */
export class ChannelMonitor implements Process {
  readonly channel: Channel
  readonly detach: () => void
  readonly #dut: AnyDut
  readonly #listener: ChannelListener
  #held: Beat | undefined
  #taken: Beat | undefined
  #beats = 0

  constructor(dut: AnyDut, channel: Channel, listener: ChannelListener, clock?: string) {
    this.channel = channel
    this.#dut = dut
    this.#listener = listener
    this.detach = dut.process(this, clock)
  }

  /** Beats so far. */
  get beats(): number {
    return this.#beats
  }

  sample(): void {
    const { valid, ready, fields, name } = this.channel
    const offered = valid.settled() === 1
    const held = this.#held
    this.#held = undefined
    if ((!offered && !held) || this.#dut.scheduler.resetting) return
    const beat: Record<string, number | bigint> = {}
    for (const [field, port] of fields) beat[field] = port.settled()
    const taken = ready === undefined || ready.settled() === 1
    if (offered && taken) this.#taken = beat
    else if (offered) this.#held = beat
    if (held) {
      const changed = Object.keys(held).find((field) => held[field] !== beat[field])
      if (!offered || changed !== undefined) {
        const what = offered ? `${changed} changed from ${held[changed!]} to ${beat[changed!]}` : 'valid fell'
        throw new GemgateError(
          'GG_BUS',
          `${name}: ${what} before beat ${this.#beats} was taken`,
          'Keep valid and data as they are until ready.',
        )
      }
    }
  }

  drive(): void {
    const beat = this.#taken
    if (!beat) return
    this.#taken = undefined
    this.#beats++
    this.#listener.heard(beat)
  }

  restart(): void {
    this.#taken = undefined
    this.#held = undefined
    this.#listener.restart?.()
  }
}

/** Takes beats, pausing at random. */
export class ChannelSink implements Process {
  readonly monitor: ChannelMonitor
  readonly #pauses: Pauses
  readonly #ends: (() => void)[]
  /** False holds `ready` low. */
  enabled = true

  constructor(dut: AnyDut, channel: Channel, listener: ChannelListener, options: ChannelOptions = {}) {
    this.#pauses = new Pauses(options, `sink ${channel.name}`)
    this.monitor = new ChannelMonitor(dut, channel, listener, options.clock)
    this.#ends = [dut.process(this, options.clock), this.monitor.detach]
    this.drive()
  }

  drive(): void {
    this.monitor.channel.ready?.write(Number(this.enabled && !this.#pauses.next()))
  }

  restart(): void {
    this.drive()
  }

  detach(): void {
    for (const end of this.#ends) end()
  }
}
