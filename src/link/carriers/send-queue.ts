import { GemgateError } from '../../core/errors.ts'

/** Bytes that may wait in the queue of a caller that does not wait for its own writes. */
const hardLimit = 1 << 20

interface Entry {
  readonly bytes: Uint8Array
  readonly taken: () => void
  readonly refused: (error: unknown) => void
}

/**
 * Bounded first-in first-out queue in front of something that takes one chunk at a time. After `fail` nothing of it is
 * ever sent, whatever was still waiting.
 */
export class SendQueue {
  readonly #sink: (chunk: Uint8Array) => Promise<void>
  readonly #limit: number
  /** Not yet handed to the sink. */
  readonly #waiting: Uint8Array[] = []
  /** Writers that wait for room. */
  readonly #writers: Entry[] = []
  #bytes = 0
  #blocked = 0
  #error: GemgateError | undefined
  #pumping = false

  /**
   * @param sink resolves when it has taken the chunk; must not be called again before; a rejection ends the queue
   * @param limit bytes that may wait before writers do
   */
  constructor(sink: (chunk: Uint8Array) => Promise<void>, limit: number) {
    this.#sink = sink
    this.#limit = limit
  }

  /** Resolves when the bytes are in the queue. Throws what `fail` was given; GG_STREAM when a caller does not wait. */
  push(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#bytes + this.#blocked + bytes.length > hardLimit + this.#limit)
      return Promise.reject(
        new GemgateError(
          'GG_STREAM',
          `more than ${hardLimit} bytes wait to be sent`,
          'Wait for each write before the next one.',
        ),
      )
    // The caller may use its buffer again.
    const own = bytes.slice()
    if (this.#writers.length === 0 && this.#bytes < this.#limit) {
      this.#take(own)
      return Promise.resolve()
    }
    this.#blocked += own.length
    return new Promise((taken, refused) => this.#writers.push({ bytes: own, taken, refused }))
  }

  /** Drops everything; writers that wait and all later ones get the error. */
  fail(error: GemgateError): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#waiting.length = 0
    this.#bytes = 0
    this.#blocked = 0
    for (const { refused } of this.#writers.splice(0)) refused(error)
  }

  #take(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    if (!this.#pumping) void this.#pump()
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      try {
        await this.#sink(chunk)
      } catch (error) {
        this.fail(
          error instanceof GemgateError
            ? error
            : new GemgateError('GG_LINK_LOST', `writing failed: ${String(error)}`, 'Open the board again.', {
                cause: error,
              }),
        )
      }
      if (this.#error !== undefined) break
      this.#bytes -= chunk.length
      this.#admit()
    }
    this.#pumping = false
  }

  #admit(): void {
    while (this.#bytes < this.#limit) {
      const writer = this.#writers.shift()
      if (writer === undefined) return
      this.#blocked -= writer.bytes.length
      this.#waiting.push(writer.bytes)
      this.#bytes += writer.bytes.length
      writer.taken()
    }
  }
}
