import { GemgateError } from '../core/errors.ts'
import type { Carrier } from './carrier.ts'
import { Alarm } from './clock.ts'
import { ControlChannel } from './control-channel.ts'
import { FrameDecoder } from './framer.ts'
import { Handshake } from './handshake.ts'
import { IncomingStream } from './incoming-stream.ts'
import type { LinkContext } from './link-context.ts'
import { type LinkOptions, type LinkSettings, linkSettings } from './options.ts'
import { OutgoingStream } from './outgoing-stream.ts'
import {
  type DeviceStatistics,
  frameKind,
  type HelloReply,
  type LinkFrame,
  replyStatus,
  uartPayload,
} from './protocol.ts'
import { RegisterRequests } from './register-requests.ts'
import { RoundTrip } from './round-trip.ts'
import { type LinkStatistics, zeroStatistics } from './statistics.ts'
import { Transmitter } from './transmitter.ts'

/**
 * A session with a device: registers, the pixels stream to it and the events stream from it, as docs/link.md says.
 * What is acknowledged was executed exactly once; nothing is ever made up. After an error of code GG_LINK_* everything
 * that waits and every later call rejects with that error, except `restart` and `close`.
 */
export class LinkSession implements AsyncDisposable {
  readonly #carrier: Carrier
  readonly #settings: LinkSettings
  readonly #statistics = zeroStatistics()
  readonly #roundTrip: RoundTrip
  readonly #context: LinkContext
  readonly #decoder: FrameDecoder
  readonly #control: ControlChannel
  readonly #requests: RegisterRequests
  readonly #outgoing: OutgoingStream
  readonly #incoming: IncomingStream
  readonly #transmitter: Transmitter
  readonly #silence: Alarm
  #device: HelloReply | undefined
  #running = false
  #error: GemgateError | undefined
  /** Why the carrier is gone: nothing can be sent ever again. */
  #gone: GemgateError | undefined
  #closing: Promise<void> | undefined
  #heard = 0

  private constructor(carrier: Carrier, options: LinkOptions) {
    this.#carrier = carrier
    this.#settings = linkSettings(options, carrier.framing)
    this.#roundTrip = new RoundTrip(this.#settings.minimumTimeout)
    const session = this
    this.#context = {
      settings: this.#settings,
      roundTrip: this.#roundTrip,
      statistics: this.#statistics,
      get blocked() {
        return session.#transmitter.writing
      },
      wake: () => this.#transmitter.wake(),
      resynchronise: () => {
        this.#decoder.resynchronise()
        this.#transmitter.resynchronise()
      },
      fail: (error) => this.#fail(error),
    }
    this.#control = new ControlChannel(this.#context)
    this.#requests = new RegisterRequests(this.#control, this.#context)
    this.#incoming = new IncomingStream(this.#context)
    this.#outgoing = new OutgoingStream(this.#context, () => this.#incoming.ask())
    const sources = [this.#control, this.#incoming, this.#outgoing]
    this.#transmitter = new Transmitter(carrier, this.#context, sources)
    this.#silence = new Alarm(this.#settings.clock, () => this.#silent())
    this.#decoder = new FrameDecoder(carrier.framing, uartPayload, (frame) => this.#frame(frame))
  }

  /**
   * Begins a session; the carrier belongs to it from here on and is closed with it, also when this fails.
   * Throws GG_LINK_TIMEOUT when nothing answers, GG_LINK_PROTOCOL for another version or register table, GG_USAGE.
   */
  static async open(carrier: Carrier, options: LinkOptions = {}): Promise<LinkSession> {
    let session: LinkSession | undefined
    try {
      const opened = new LinkSession(carrier, options)
      session = opened
      carrier.listen({
        data: (chunk) => opened.#data(chunk),
        lost: (error) => opened.#lost(error),
      })
      await opened.#control.exclusively(() => opened.#begin())
      return opened
    } catch (error) {
      const closing = session?.close() ?? carrier[Symbol.asyncDispose]()
      // Why it failed says more than what closing may say then.
      await Promise.resolve(closing).catch(() => {})
      throw error
    }
  }

  /** What the device says of itself. */
  get device(): HelloReply {
    return this.#device!
  }

  /** Name of the carrier, for people. */
  get name(): string {
    return this.#carrier.name
  }

  /** Words from ascending addresses. Throws GG_REGISTER for addresses that the device does not have. */
  read(address: number, count = 1): Promise<Uint32Array> {
    return this.#requests.read(address, count, this.device)
  }

  /** Words to ascending addresses, in this order. Throws GG_REGISTER as `read`, and for words of more than 32 bits. */
  write(address: number, words: ArrayLike<number>): Promise<void> {
    return this.#requests.write(frameKind.write, address, words, this.device)
  }

  /** Words to one address, in this order. Throws as `write`. */
  pulse(address: number, words: ArrayLike<number>): Promise<void> {
    return this.#requests.write(frameKind.pulse, address, words, this.device)
  }

  /**
   * Bytes to the pixels stream; resolves when the device has acknowledged all of them, and waits while it is busy.
   * The bytes must not change until then. After an abort some of them are in the stream: `restart` empties it.
   */
  send(bytes: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#outgoing.send(bytes, options.signal)
  }

  /**
   * Whole messages of the events stream in order, each for one reader; ends when the session is closed. After an
   * error the messages that had arrived still come, then it is thrown.
   */
  receive(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array, void, void> {
    return this.#incoming.read(options.signal)
  }

  /**
   * A new session on the same carrier: both streams are empty on both sides, and `send` calls that wait reject with
   * GG_CLOSED. Also brings a session back that ended with an error, as long as the carrier lives; until it resolves
   * other calls reject with that error. Resolves with it: the device may have lost power and its settings meanwhile.
   */
  restart(): Promise<GemgateError | undefined> {
    return this.#control.inTurn(async () => {
      if (this.#gone !== undefined) throw this.#gone
      const ended = this.#error
      if (ended !== undefined) this.#revive()
      await this.#begin()
      return ended
    })
  }

  /** Counters of the host's side. */
  statistics(): Readonly<LinkStatistics> {
    return { ...this.#statistics, ...this.#decoderCounters(), roundTrip: this.#roundTrip.estimate }
  }

  /** Counters of the device. */
  deviceStatistics(): Promise<DeviceStatistics> {
    return this.#requests.statistics()
  }

  /** Rejects what waits with GG_CLOSED, ends readers, and closes the carrier. */
  async close(): Promise<void> {
    this.#gone ??= closed('the link is closed')
    this.#fail(this.#gone)
    this.#closing ??= Promise.resolve(this.#carrier[Symbol.asyncDispose]())
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #revive(): void {
    this.#error = undefined
    this.#control.revive()
    this.#outgoing.revive()
    this.#incoming.revive()
  }

  async #begin(): Promise<void> {
    this.#running = false
    this.#silence.cancel()
    this.#outgoing.reset(closed('the session of the link was restarted'))
    this.#incoming.reset()
    this.#transmitter.start()
    const handshake = new Handshake(this.#context, this.#carrier.name, (device) => this.#welcome(device))
    await this.#control.exchange(handshake.exchange)
    if (handshake.objection === undefined) return
    this.#fail(handshake.objection)
    throw handshake.objection
  }

  #welcome(device: HelloReply): void {
    this.#device = device
    this.#running = true
    this.#heard = this.#settings.clock.now()
    this.#statistics.sessions++
    this.#decoder.resize(device.maximumPayload)
    this.#requests.begin(device.maximumPayload)
    this.#outgoing.begin(device.maximumPayload)
    this.#incoming.begin(device.slots)
    this.#silence.set(this.#settings.keepAlive)
  }

  #data(chunk: Uint8Array): void {
    this.#statistics.bytesReceived += chunk.length
    const errors = this.#decoder.errors
    this.#decoder.push(chunk)
    if (this.#decoder.errors !== errors) this.#incoming.suspect()
  }

  #frame(frame: LinkFrame): void {
    if (this.#error !== undefined) return
    if (!this.#running) {
      if (!this.#control.offer(frame)) this.#statistics.framesIgnored++
      return
    }
    this.#heard = this.#settings.clock.now()
    if (!this.#silence.armed) this.#silence.set(this.#settings.keepAlive)
    if (frame.kind === frameKind.dataToHost) this.#incoming.data(frame)
    else if (frame.kind === frameKind.creditReply) this.#outgoing.credit(frame)
    else if (frame.kind === frameKind.error && frame.aux === replyStatus.noSession)
      this.#fail(
        new GemgateError(
          'GG_LINK_RESET',
          `the device on ${this.#carrier.name} has no session any more`,
          'It was reset or lost power: write its settings again after a restart of the link.',
        ),
      )
    else if (!this.#control.offer(frame)) this.#statistics.framesIgnored++
  }

  /** Asks a silent device whether it lives; a request that waits already does that. */
  #silent(): void {
    const { clock, keepAlive } = this.#settings
    const left = this.#heard + keepAlive - clock.now()
    if (left > 0.5) this.#silence.set(left)
    else if (this.#control.busy) this.#silence.set(keepAlive)
    else this.#requests.keepAlive(this.#carrier.name).then(undefined, () => {})
  }

  #lost(error: GemgateError): void {
    this.#gone ??= error
    this.#fail(error)
  }

  #fail(error: GemgateError): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#running = false
    this.#silence.cancel()
    this.#transmitter.stop()
    this.#control.fail(error)
    this.#outgoing.fail(error)
    this.#incoming.end(error.code === 'GG_CLOSED' ? undefined : error)
  }

  #decoderCounters(): Pick<LinkStatistics, 'framesReceived' | 'crcErrors' | 'framingErrors'> {
    const { frames, crcErrors, framingErrors } = this.#decoder.counters
    return { framesReceived: frames, crcErrors, framingErrors }
  }
}

function closed(message: string): GemgateError {
  return new GemgateError('GG_CLOSED', message, 'Open the link again.')
}
