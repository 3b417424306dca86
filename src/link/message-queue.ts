import type { GemgateError } from '../core/errors.ts'

/** Whole messages for any number of readers, each message for one of them. */
export class MessageQueue {
  readonly #taken: () => void
  #messages: Uint8Array[] = []
  #bytes = 0
  #readers = new Set<() => void>()
  #end: { readonly error: GemgateError | undefined } | undefined

  /** `taken` is called after each message that a reader took. */
  constructor(taken: () => void) {
    this.#taken = taken
  }

  /** Bytes that wait for readers. */
  get bytes(): number {
    return this.#bytes
  }

  push(message: Uint8Array): void {
    this.#messages.push(message)
    this.#bytes += message.length
    this.#wake()
  }

  clear(): void {
    this.#messages = []
    this.#bytes = 0
  }

  /** Readers get what is there, then the error; without an error their iteration ends. */
  end(error?: GemgateError): void {
    this.#end = { error }
    this.#wake()
  }

  revive(): void {
    this.#end = undefined
  }

  async *read(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      signal?.throwIfAborted()
      const message = this.#messages.shift()
      if (message !== undefined) {
        this.#bytes -= message.length
        this.#taken()
        yield message
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error
        return
      } else await this.#change(signal)
    }
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#readers.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#readers.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  #wake(): void {
    for (const wake of [...this.#readers]) wake()
  }
}
