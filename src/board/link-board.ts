import { GemgateError } from '../core/errors.ts'
import type { Carrier } from '../link/carrier.ts'
import { MessageQueue } from '../link/message-queue.ts'
import type { LinkOptions } from '../link/options.ts'
import type { DeviceStatistics } from '../link/protocol.ts'
import { LinkSession } from '../link/session.ts'
import type { LinkStatistics } from '../link/statistics.ts'
import type { Board, BoardInfo, BoardKind, StreamName, StreamOptions } from './board.ts'
import { readCapability } from './capability.ts'
import { FrameAssembly, type FramePart } from './frame-assembly.ts'
import { FrameCounter } from './frame-counter.ts'
import { type FrameEncoder, frameEncoder } from './frame-encoder.ts'
import { checkWrite, declarationOf } from './register-checks.ts'
import { registerSchema } from './register-schema.ts'
import { type RegisterName, registerAddress, registerDeclarations } from './registers.ts'
import { type WriteRun, writeRuns } from './write-runs.ts'

/** Frames whose packets the host has yet to read before the board takes no more pixels. */
const framesAhead = 8

/** A board behind a link: registers and streams of docs/link.md; the pedestal memory is the host's. */
export class LinkBoard implements Board {
  readonly info: BoardInfo
  readonly #session: LinkSession
  #assembly: FrameAssembly
  #encoder: FrameEncoder
  readonly #frames = new FrameCounter()
  readonly #packets = new MessageQueue(() => this.#frames.read())
  #collecting = false
  #closed = false

  private constructor(session: LinkSession, info: BoardInfo) {
    this.#session = session
    this.info = info
    this.#assembly = new FrameAssembly(info.capability)
    this.#encoder = frameEncoder(info.capability)
    void this.#collect()
  }

  /**
   * Opens a session with the board; the carrier belongs to it from here on.
   * Throws GG_LINK_TIMEOUT when nothing answers, GG_LINK_PROTOCOL for firmware of another version.
   */
  static async open(
    carrier: Carrier,
    about: { readonly address: string; readonly kind: BoardKind },
    options: LinkOptions = {},
  ): Promise<LinkBoard> {
    const session = await LinkSession.open(carrier, { schema: registerSchema, ...options })
    try {
      const { build, clock, schema, registers } = session.device
      if (registers < registerDeclarations.length)
        throw new GemgateError(
          'GG_LINK_PROTOCOL',
          `the board has ${registers} registers instead of ${registerDeclarations.length}`,
          'Flash the firmware of this version.',
        )
      const [word] = await session.read(registerAddress.get('capability')!)
      return new LinkBoard(session, { ...about, build, clock, schema, capability: readCapability(word!) })
    } catch (error) {
      await session.close()
      throw error
    }
  }

  /** Counters of both sides of the link. */
  async statistics(): Promise<{ readonly host: LinkStatistics; readonly device: DeviceStatistics }> {
    this.#assertOpen()
    const device = await this.#session.deviceStatistics()
    return { host: this.#session.statistics(), device }
  }

  async read(register: RegisterName): Promise<number> {
    this.#assertOpen()
    declarationOf(register)
    const [word] = await this.#session.read(registerAddress.get(register)!)
    return word!
  }

  async write(register: RegisterName, value: number): Promise<void> {
    await this.writeAll([[register, value]])
  }

  /** Waits until the packets of all frames that were sent have come: a register write would overtake their pixels. */
  async writeAll(writes: Iterable<readonly [RegisterName, number]>): Promise<void> {
    this.#assertOpen()
    await this.#frames.writing(async () => {
      for (const run of writeRuns(writes, checkWrite)) {
        if ('error' in run) throw run.error
        if (run.register === 'reset') await this.#restart()
        else await this.#frames.idle()
        await this.#execute(run)
        for (const [register, value] of run.writes) {
          this.#assembly.write(register, value)
          this.#encoder.written(register)
        }
      }
    })
  }

  async send(stream: StreamName, data: Uint8Array, options: StreamOptions = {}): Promise<void> {
    this.#assertOpen()
    options.signal?.throwIfAborted()
    if (stream === 'pedestal') this.#assembly.takePedestal(data)
    else if (stream === 'pixels') await this.#sendPixels(data, options)
    else throw new GemgateError('GG_STREAM', `${stream} does not go to the board`, 'Use pixels or pedestal.')
  }

  receive(stream: StreamName, options: StreamOptions = {}): AsyncIterable<Uint8Array> {
    if (stream !== 'events')
      throw new GemgateError('GG_STREAM', `${stream} does not come from the board`, 'Use events.')
    return this.#packets.read(options.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#frames.fail(closed())
    try {
      await this.#session.close()
    } finally {
      this.#packets.end()
    }
  }

  /** Both sides forget the frames under way and their packets. */
  async #restart(): Promise<void> {
    const ended = await this.#session.restart()
    if (ended !== undefined) {
      // The board may have lost power: nothing goes to it that was not written again.
      this.#assembly = new FrameAssembly(this.info.capability)
      this.#encoder = frameEncoder(this.info.capability)
    }
    this.#packets.clear()
    this.#packets.revive()
    this.#frames.reset()
    if (!this.#collecting) void this.#collect()
  }

  /** Packets as they come, also while nobody reads them: there are never more than frames ahead. */
  async #collect(): Promise<void> {
    this.#collecting = true
    try {
      for await (const packet of this.#session.receive()) {
        this.#frames.arrived()
        this.#packets.push(packet)
      }
      this.#packets.end()
    } catch (error) {
      this.#packets.end(error as GemgateError)
      this.#frames.fail(error as GemgateError)
    }
    this.#collecting = false
  }

  async #execute({ kind, address, values }: WriteRun): Promise<void> {
    if (kind === 'write') await this.#session.write(address, values)
    else await this.#session.pulse(address, values)
  }

  async #sendPixels(data: Uint8Array, { signal }: StreamOptions): Promise<void> {
    const sending = new Set<Promise<void>>()
    const failed: unknown[] = []
    const send = async (bytes: Uint8Array, last: boolean): Promise<void> => {
      // One chunk is on the line while the next one is made.
      if (sending.size > 1) await Promise.race(sending)
      if (failed.length > 0) throw failed[0]
      if (last) this.#frames.sent()
      else this.#frames.begun()
      const one: Promise<void> = this.#session
        .send(bytes, signal === undefined ? {} : { signal })
        .catch((error: unknown) => {
          failed.push(error)
          if (last) this.#frames.lost()
        })
        .finally(() => sending.delete(one))
      sending.add(one)
    }
    try {
      const parts = this.#assembly.parts(data, this.#encoder.partSize)
      for (let left = data.length; ; ) {
        // Before the frame begins: registers may be written meanwhile.
        if (left > 0 && this.#assembly.between) await this.#frames.room(framesAhead, signal)
        const part = parts.next().value
        if (part === undefined) break
        left -= part.bytes.length
        await this.#sendPart(part, send, signal)
      }
      await Promise.all(sending)
      if (failed.length > 0) throw failed[0]
    } catch (error) {
      // How much of the frame the board has is not known any more.
      if (failed.length > 0 || signal?.aborted === true) this.#assembly.spoil()
      throw error
    } finally {
      this.#frames.left()
    }
  }

  async #sendPart(
    part: FramePart,
    send: (bytes: Uint8Array, last: boolean) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const encoded = this.#encoder.encode(part)
    if (encoded === undefined) return
    const { bytes, writes } = encoded
    if (writes.length > 0) {
      // Registers stay as they are until the packet of the frame under way has come.
      await this.#frames.idle(signal)
      for (const run of writeRuns(writes, checkWrite)) if (!('error' in run)) await this.#execute(run)
    }
    await send(bytes, part.last)
  }

  #assertOpen(): void {
    if (this.#closed) throw closed()
  }
}

function closed(): GemgateError {
  return new GemgateError('GG_CLOSED', 'the board is closed', 'Open the board again.')
}
