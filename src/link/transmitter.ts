import { GemgateError } from '../core/errors.ts'
import type { Carrier } from './carrier.ts'
import { Alarm } from './clock.ts'
import { encodeFor, resynchronisation } from './framer.ts'
import type { FrameSource, LinkContext } from './link-context.ts'

/**
 * Gives the frames of its sources to the carrier, the first source first, one chunk at a time. A chunk has one frame
 * of the first source at most: a chunk that a carrier doubles then cannot bring an old request behind a newer one.
 */
export class Transmitter {
  readonly #carrier: Carrier
  readonly #context: LinkContext
  readonly #sources: readonly FrameSource[]
  readonly #watchdog: Alarm
  #working = false
  #writing = false
  #stopped = false
  #resynchronise = false

  constructor(carrier: Carrier, context: LinkContext, sources: readonly FrameSource[]) {
    this.#carrier = carrier
    this.#context = context
    this.#sources = sources
    this.#watchdog = new Alarm(context.settings.clock, () => context.fail(this.#stuck()))
  }

  /** Ends whatever record the other side believes to be in, before the next frame. */
  resynchronise(): void {
    this.#resynchronise = true
  }

  get writing(): boolean {
    return this.#writing
  }

  wake(): void {
    if (this.#stopped) return
    if (this.#working) {
      if (this.#writing && !this.#watchdog.armed) this.#watchdog.set(this.#context.settings.writeTimeout)
      return
    }
    this.#working = true
    queueMicrotask(() => void this.#work())
  }

  /** Sends nothing more until `start`. */
  stop(): void {
    this.#stopped = true
    this.#watchdog.cancel()
  }

  start(): void {
    this.#stopped = false
    this.wake()
  }

  async #work(): Promise<void> {
    try {
      for (let chunk = this.#collect(); chunk !== undefined; chunk = this.#collect()) {
        this.#writing = true
        this.#watchdog.set(this.#context.settings.writeTimeout)
        this.#context.statistics.bytesSent += chunk.length
        await this.#carrier.write(chunk)
        this.#writing = false
        this.#watchdog.cancel()
      }
    } catch (error) {
      this.#context.fail(asLinkError(error))
    } finally {
      this.#working = false
      this.#writing = false
      this.#watchdog.cancel()
    }
  }

  #collect(): Uint8Array | undefined {
    if (this.#stopped) return undefined
    const { settings, statistics } = this.#context
    const parts: Uint8Array[] = []
    let length = 0
    for (const [i, source] of this.#sources.entries())
      while (length < settings.chunk) {
        const frame = source.next()
        if (frame === undefined) break
        const bytes = encodeFor(this.#carrier.framing, frame)
        statistics.framesSent++
        parts.push(bytes)
        length += bytes.length
        if (i === 0) break
      }
    if (length > 0 && this.#resynchronise) {
      this.#resynchronise = false
      const zeros = resynchronisation(this.#carrier.framing)
      parts.unshift(zeros)
      length += zeros.length
    }
    return parts.length < 2 ? parts[0] : Buffer.concat(parts, length)
  }

  #stuck(): GemgateError {
    return new GemgateError(
      'GG_LINK_TIMEOUT',
      `${this.#carrier.name} took no bytes for ${this.#context.settings.writeTimeout} ms`,
      'Check the cable and whether the device is running.',
    )
  }
}

function asLinkError(error: unknown): GemgateError {
  if (error instanceof GemgateError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new GemgateError('GG_LINK_LOST', `the carrier failed: ${message}`, 'Open the link again.', {
    cause: error,
  })
}
