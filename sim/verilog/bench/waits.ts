import { AsyncLocalStorage } from 'node:async_hooks'
import { GemgateError } from '../../../src/core/errors.ts'

/** One promise that a coroutine waits for. */
export class Wait {
  /** For messages. */
  readonly what: string
  /** The forked coroutine that waits; undefined for the test itself. */
  readonly owner: Coroutine<unknown> | undefined
  readonly order: number
  readonly promise: Promise<number>
  /** The number of an edge, or a time. */
  target = 0
  /** Edges at the start, and how many more may come. */
  start = 0
  limit = 0
  /** Undefined: the promise of someone else, of which only the limit is looked at here. */
  holds: (() => unknown) | undefined
  /** What `resume` gives. */
  value = 0
  failure: { readonly error: unknown } | undefined
  readonly #leave: (wait: Wait) => boolean
  #resolve!: (value: number) => void
  #reject!: (error: unknown) => void

  /** @param leave takes the wait from those that are open; false if it was none of them */
  constructor(
    what: string,
    owner: Coroutine<unknown> | undefined,
    order: number,
    leave: (wait: Wait) => boolean,
  ) {
    this.what = what
    this.owner = owner
    this.order = order
    this.#leave = leave
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  resume(): void {
    if (!this.#leave(this)) return
    if (this.failure) this.#reject(this.failure.error)
    else this.#resolve(this.value)
  }

  fail(error: unknown): void {
    if (this.#leave(this)) this.#reject(error)
  }
}

/** The error that ends a cancelled coroutine, from the wait it is in; `finally` blocks run. */
export class Cancelled extends Error {
  constructor() {
    super('the coroutine was cancelled')
    this.name = 'Cancelled'
  }
}

export interface CoroutineOwner {
  wait(what: string): Wait
  failed(error: unknown): void
  cancelWaits(coroutine: Coroutine<unknown>): void
  /** A coroutine has ended: whoever joins it goes on. */
  ended(coroutine: Coroutine<unknown>): void
}

/** Also that of a coroutine that joined a cancelled one. */
const isCancellation = (error: unknown): boolean =>
  error instanceof Cancelled || (error instanceof GemgateError && error.code === 'GG_CLOSED')

const mostRefusals = 100

const running = new AsyncLocalStorage<Coroutine<unknown>>()

/** The forked coroutine of this owner that is running now. */
export function currentCoroutine(owner: CoroutineOwner): Coroutine<unknown> | undefined {
  const coroutine = running.getStore()
  return coroutine?.owner === owner ? coroutine : undefined
}

/** A forked coroutine: runs beside the test, as long as the test waits for something. */
export class Coroutine<T> {
  readonly name: string
  readonly owner: CoroutineOwner
  #state: 'running' | 'done' | 'failed' | 'cancelled' = 'running'
  #value: T | undefined
  #error: unknown
  #refusals = 0
  readonly #joins = new Set<Wait>()

  constructor(owner: CoroutineOwner, name: string, body: () => Promise<T> | T) {
    this.owner = owner
    this.name = name
    running
      .run(this as Coroutine<unknown>, async () => body())
      .then(
        (value) => {
          this.#value = value
          this.#end('done')
        },
        (error: unknown) => {
          if (this.#state === 'cancelled' && isCancellation(error)) return
          this.#error = error
          const expected = this.#joins.size > 0
          this.#end('failed')
          if (!expected) owner.failed(error)
        },
      )
  }

  get running(): boolean {
    return this.#state === 'running'
  }

  get cancelled(): boolean {
    return this.#state === 'cancelled'
  }

  /**
   * Waits until the coroutine returns.
   * @throws what the coroutine throws; GemgateError GG_CLOSED if it was cancelled
   */
  async join(): Promise<T> {
    if (this.running) {
      const wait = this.owner.wait(`the end of ${this.name}`)
      this.#joins.add(wait)
      try {
        await wait.promise
      } finally {
        this.#joins.delete(wait)
      }
    }
    if (this.#state === 'failed') throw this.#error
    if (this.#state === 'cancelled')
      throw new GemgateError(
        'GG_CLOSED',
        `${this.name} was cancelled`,
        'Join only coroutines that come to an end.',
      )
    return this.#value as T
  }

  /**
   * It may not wait any more. True if it has caught that again and again: only a wait without end keeps it from spinning
   * for ever.
   */
  refuse(): boolean {
    this.cancel()
    return ++this.#refusals > mostRefusals
  }

  /** Ends the coroutine at its wait, or at its next one. */
  cancel(): void {
    if (!this.running) return
    this.#end('cancelled')
    this.owner.cancelWaits(this as Coroutine<unknown>)
  }

  #end(state: 'done' | 'failed' | 'cancelled'): void {
    if (this.#state === 'running') this.#state = state
    this.owner.ended(this as Coroutine<unknown>)
    for (const wait of this.#joins) wait.resume()
  }
}
