import { GemgateError } from '../core/errors.ts'

/**
 * Counts frames from the first pixel sent to the packet read. Senders wait for room; who writes registers waits until no
 * frame is under way, and no frame begins until he is done.
 */
export class FrameCounter {
  /** Sent, packet not yet here. */
  #underWay = 0
  /** Sent, packet not yet read. */
  #ahead = 0
  /** Some of a frame was sent, and the rest is being sent. */
  #open = false
  #writers = 0
  #error: GemgateError | undefined
  #era = 0
  readonly #waiting = new Set<() => void>()

  begun(): void {
    this.#open = true
  }

  sent(): void {
    this.#open = false
    this.#underWay++
    this.#ahead++
  }

  /** A frame that was sent did not reach the board: no packet will come. */
  lost(): void {
    this.#underWay = Math.max(0, this.#underWay - 1)
    this.read()
  }

  /** Nobody is about to send the rest of the frame that was begun. */
  left(): void {
    this.#open = false
    this.#wake()
  }

  arrived(): void {
    if (this.#underWay > 0) this.#underWay--
    this.#wake()
  }

  read(): void {
    if (this.#ahead > 0) this.#ahead--
    this.#wake()
  }

  /** All frames are forgotten; who waits for them gives up with GG_CLOSED. */
  reset(): void {
    this.#underWay = 0
    this.#ahead = 0
    this.#open = false
    this.#era++
    this.#error = undefined
    this.#wake()
  }

  /** No packet comes any more: who waits gets the error, until the next reset. */
  fail(error: GemgateError): void {
    this.#error ??= error
    this.#wake()
  }

  /** Resolves when fewer than `limit` packets wait to be read or to come, and nobody writes registers. */
  room(limit: number, signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.#ahead < limit && this.#writers === 0, signal)
  }

  /** Resolves when the packets of all frames have come. */
  idle(signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.#underWay === 0 && !this.#open, signal)
  }

  /** Runs something that writes registers; it waits for `idle` itself. */
  async writing(work: () => Promise<void>): Promise<void> {
    this.#writers++
    try {
      await work()
    } finally {
      this.#writers--
      this.#wake()
    }
  }

  async #until(met: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    const era = this.#era
    while (!met()) {
      if (this.#error !== undefined) throw this.#error
      signal?.throwIfAborted()
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake)
      })
      if (this.#era !== era)
        throw new GemgateError(
          'GG_CLOSED',
          'the board was reset during a frame',
          'Send the frame again after configuring the board.',
        )
    }
    signal?.throwIfAborted()
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
