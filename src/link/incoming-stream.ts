import { GemgateError } from '../core/errors.ts'
import { Alarm } from './clock.ts'
import { emptyPayload, type FrameSource, type LinkContext } from './link-context.ts'
import { MessageQueue } from './message-queue.ts'
import { frameFlags, frameKind, type LinkFrame } from './protocol.ts'
import { distance, following, furthest } from './sequence.ts'
import { StreamWatch } from './stream-watch.ts'

/** The host's side of the events stream: grants, acknowledges, asks again, and puts messages together. */
export class IncomingStream implements FrameSource {
  readonly #context: LinkContext
  readonly #queue = new MessageQueue(() => this.#drained())
  readonly #acknowledge: Alarm
  readonly #poll: Alarm
  readonly #watch: StreamWatch
  #running = false
  #due = false
  #again = false
  #expected = 0
  #limit = 0
  #unacknowledged = 0
  #acknowledgeAfter = 1
  /** A frame is missing, and the device was asked for it. */
  #asked = false
  #pause = 0
  #parts: Uint8Array[] = []
  #length = 0
  #dropped: number | undefined

  constructor(context: LinkContext) {
    this.#context = context
    this.#acknowledge = new Alarm(context.settings.clock, () => this.ask())
    this.#poll = new Alarm(context.settings.clock, () => this.#ask())
    this.#watch = new StreamWatch(context, 'the events stream does not arrive')
  }

  /** A session begins with a device of so many slots; its events stream is taken to have as many. */
  begin(slots: number): void {
    this.#acknowledgeAfter = Math.min(this.#context.settings.window, slots) >> 1
    this.#expected = 0
    this.#limit = 0
    this.#unacknowledged = 0
    this.#asked = false
    this.#again = false
    this.#dropped = undefined
    this.#running = true
    this.#watch.progress()
    this.ask()
    this.#restartPoll()
  }

  /** Everything that was received and not read is dropped; readers go on waiting. */
  reset(): void {
    this.#stop()
    this.#parts = []
    this.#length = 0
    this.#queue.clear()
  }

  /** Readers still get the whole messages that are here: the device has forgotten them. */
  end(error?: GemgateError): void {
    this.#stop()
    this.#queue.end(error)
  }

  revive(): void {
    this.#queue.revive()
  }

  read(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    return this.#queue.read(signal)
  }

  /** Sends a CREDIT as soon as possible. */
  ask(): void {
    this.#due = true
    this.#context.wake()
  }

  /** Something damaged arrived, which may have been a frame of this stream. */
  suspect(): void {
    if (this.#running) this.#restartPoll()
  }

  next(): LinkFrame | undefined {
    if (!this.#running || !this.#due) return undefined
    const { window, receiveBuffer } = this.#context.settings
    if (this.#queue.bytes < receiveBuffer) this.#limit = (this.#expected + window) & 0xffff
    const flags = this.#again ? frameFlags.retransmit : 0
    this.#due = false
    this.#again = false
    this.#unacknowledged = 0
    this.#acknowledge.cancel()
    return { kind: frameKind.credit, flags, seq: this.#expected, aux: this.#limit, payload: emptyPayload }
  }

  /** A frame of the stream. */
  data(frame: LinkFrame): void {
    if (!this.#running) return
    const { settings, statistics } = this.#context
    const ahead = distance(this.#expected, frame.seq)
    if (ahead !== 0 || distance(this.#expected, this.#limit) === 0) {
      statistics.framesRefused++
      if (ahead > 0 && ahead < furthest) this.#missing()
      else if (!this.#acknowledge.armed) this.#acknowledge.set(settings.acknowledgeDelay)
      return
    }
    this.#expected = following(frame.seq)
    this.#asked = false
    this.#watch.progress()
    this.#restartPoll()
    this.#drops(frame.aux)
    this.#append(frame)
    if (!this.#running) return
    this.#unacknowledged++
    if (this.#unacknowledged >= this.#acknowledgeAfter) this.ask()
    else if (!this.#acknowledge.armed) this.#acknowledge.set(settings.acknowledgeDelay)
  }

  #missing(): void {
    if (this.#asked) return
    this.#asked = true
    this.#watch.progress()
    this.#restartPoll()
    this.#ask()
  }

  /** Asks for everything from the next frame on: it is missing, or may be lost without a trace. */
  #ask(): void {
    if (!this.#context.blocked) {
      if (this.#asked) {
        this.#context.statistics.retransmissionsAsked++
        this.#watch.futile(`frame ${this.#expected} is missing`)
        if (!this.#running) return
      }
      this.#again = true
      this.ask()
      this.#pause = Math.min(2 * this.#pause, Math.max(this.#context.settings.keepAlive, this.#pause))
    }
    this.#poll.set(this.#pause)
  }

  #restartPoll(): void {
    this.#pause = this.#context.roundTrip.timeout
    this.#poll.set(this.#pause)
  }

  #append({ flags, payload }: LinkFrame): void {
    const { statistics } = this.#context
    const fault = this.#fault((flags & frameFlags.first) !== 0, payload.length)
    if (fault !== undefined) {
      this.#context.fail(new GemgateError('GG_LINK_PROTOCOL', fault, 'Flash the firmware of this version.'))
      return
    }
    this.#length += payload.length
    this.#parts.push(payload)
    if ((flags & frameFlags.last) === 0) return
    const message = this.#parts.length === 1 ? payload : joined(this.#parts, this.#length)
    statistics.events++
    statistics.eventBytes += message.length
    this.#parts = []
    this.#length = 0
    this.#queue.push(message)
  }

  /** What the device does with its messages that it must not do. */
  #fault(begins: boolean, bytes: number): string | undefined {
    const { maximumMessage } = this.#context.settings
    if (bytes === 0) return 'a frame of the events stream is empty'
    if (begins !== (this.#parts.length === 0))
      return `a message of the events stream ${begins ? 'begins inside another one' : 'has no beginning'}`
    if (this.#length + bytes > maximumMessage)
      return `a message of the events stream has more than ${maximumMessage} bytes`
    return undefined
  }

  #drops(counter: number): void {
    if (this.#dropped !== undefined) this.#context.statistics.dropped += distance(this.#dropped, counter)
    this.#dropped = counter
  }

  /** A device that was held up by a full buffer may go on. */
  #drained(): void {
    const { receiveBuffer, window } = this.#context.settings
    if (!this.#running || this.#queue.bytes >= receiveBuffer) return
    if (2 * distance(this.#expected, this.#limit) <= window) this.ask()
  }

  #stop(): void {
    this.#running = false
    this.#due = false
    this.#acknowledge.cancel()
    this.#poll.cancel()
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
