import { GemgateError } from '../core/errors.ts'

/** Counts frames from the last pixel sent to the packet read, and lets senders wait for them. */
export class FrameCounter {
  /** Sent, packet not yet here. */
  #underWay = 0
  /** Sent, packet not yet read. */
  #ahead = 0
  #error: GemgateError | undefined
  #era = 0
  readonly #waiting = new Set<() => void>()

  sent(): void {
    this.#underWay++
    this.#ahead++
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
    this.#era++
    this.#error = undefined
    this.#wake()
  }

  /** No packet comes any more: who waits gets the error, until the next reset. */
  fail(error: GemgateError): void {
    this.#error ??= error
    this.#wake()
  }

  /** Resolves when fewer than `limit` packets wait to be read or to come. */
  room(limit: number, signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.#ahead < limit, signal)
  }

  /** Resolves when the packets of all frames have come. */
  idle(signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.#underWay === 0, signal)
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
