import { GemgateError } from './errors.ts'

/** A bounded first-in first-out queue between a producer and one consumer. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number
  readonly #items: T[] = []
  #closed = false
  #wakeConsumer: (() => void) | undefined
  readonly #wakeProducers: (() => void)[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Resolves when there is room; throws GG_CLOSED after close, or the signal's reason. */
  async push(item: T, signal?: AbortSignal): Promise<void> {
    while (this.#items.length >= this.#capacity && !this.#closed) {
      signal?.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#wakeProducers.push(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    signal?.throwIfAborted()
    if (this.#closed) throw new GemgateError('GG_CLOSED', 'the stream was closed', 'Open it again.')
    this.#items.push(item)
    this.#wakeConsumer?.()
  }

  /** Items already queued are still delivered; then the iteration ends. */
  close(): void {
    this.#closed = true
    this.#wakeConsumer?.()
    for (const wake of this.#wakeProducers.splice(0)) wake()
  }

  async *iterate(signal?: AbortSignal): AsyncGenerator<T, void, void> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) {
        this.#wakeProducers.shift()?.()
        yield item
        continue
      }
      if (this.#closed) return
      signal?.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
      this.#wakeConsumer = undefined
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.iterate()
  }
}
