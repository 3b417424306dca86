import { GemgateError } from './errors.ts'

/** A bounded first-in first-out queue between producers and one consumer. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number
  readonly #items: T[] = []
  readonly #producers = new Set<() => void>()
  readonly #consumers = new Set<() => void>()
  #closed = false

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Resolves when there is room; throws GG_CLOSED after close, or the signal's reason. */
  async push(item: T, signal?: AbortSignal): Promise<void> {
    while (this.#items.length >= this.#capacity && !this.#closed) await wait(this.#producers, signal)
    signal?.throwIfAborted()
    if (this.#closed) throw new GemgateError('GG_CLOSED', 'the stream was closed', 'Open it again.')
    this.#items.push(item)
    wakeAll(this.#consumers)
  }

  /** Drops what waits; returns how many items that were. */
  clear(): number {
    const dropped = this.#items.splice(0).length
    wakeAll(this.#producers)
    return dropped
  }

  /** Items already queued are still delivered; then the iteration ends. */
  close(): void {
    this.#closed = true
    wakeAll(this.#consumers)
    wakeAll(this.#producers)
  }

  async *iterate(signal?: AbortSignal): AsyncGenerator<T, void, void> {
    for (;;) {
      signal?.throwIfAborted()
      const item = this.#items.shift()
      if (item !== undefined) {
        wakeAll(this.#producers)
        yield item
      } else if (this.#closed) return
      else await wait(this.#consumers, signal)
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.iterate()
  }
}

/** Waits to be woken or aborted, and leaves nothing behind in either case. */
async function wait(sleepers: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  let wake = (): void => {}
  try {
    await new Promise<void>((resolve) => {
      wake = resolve
      sleepers.add(wake)
      signal?.addEventListener('abort', wake)
    })
    signal?.throwIfAborted()
  } finally {
    sleepers.delete(wake)
    signal?.removeEventListener('abort', wake)
  }
}

/** Whoever is woken looks again and sleeps again if there is nothing for him: no wake-up can be lost. */
function wakeAll(sleepers: Set<() => void>): void {
  for (const wake of sleepers) wake()
}
