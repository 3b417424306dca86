import { inspect, isDeepStrictEqual } from 'node:util'
import { GemgateError } from '../../../src/core/errors.ts'

export interface ScoreboardOptions<T> {
  readonly name?: string
  /** False: what comes may come in any order. */
  readonly ordered?: boolean
  /** By default deep equality. */
  readonly equal?: (received: T, expected: T) => boolean
  readonly show?: (item: T) => string
}

const neighbours = 2
const mostShown = 8

/** Compares what a design gives with what it should give. */
export class Scoreboard<T> {
  readonly #name: string
  readonly #ordered: boolean
  readonly #equal: (received: T, expected: T) => boolean
  readonly #show: (item: T) => string
  readonly #expected: T[] = []
  readonly #received: T[] = []
  /** Indices of expected items that have not come, and of items that came and were not expected yet. */
  readonly #open = new Set<number>()
  readonly #surplus = new Set<number>()
  /** Items compared in order. */
  #compared = 0

  constructor(options: ScoreboardOptions<T> = {}) {
    this.#name = options.name ?? 'scoreboard'
    this.#ordered = options.ordered ?? true
    this.#equal = options.equal ?? ((a, b) => isDeepStrictEqual(a, b))
    this.#show =
      options.show ?? ((item) => inspect(item, { breakLength: Infinity, depth: 4, maxArrayLength: 16 }))
  }

  get expected(): number {
    return this.#expected.length
  }

  get received(): number {
    return this.#received.length
  }

  /** Items that are expected and have not come. */
  get missing(): number {
    return this.#open.size
  }

  /** @throws GemgateError GG_BUS if the item came already and is another */
  expect(...items: readonly T[]): void {
    for (const item of items) this.#meet(this.#expected.push(item) - 1, this.#surplus, this.#open)
  }

  /**
   * Something came out. It may come before it is expected.
   * @throws GemgateError GG_BUS at the first item that is not the expected one
   */
  receive(...items: readonly T[]): void {
    for (const item of items) this.#meet(this.#received.push(item) - 1, this.#open, this.#surplus)
  }

  /** Everything is over. @throws GemgateError GG_BUS if something is missing, or came and was never expected */
  finish(): void {
    this.#demandNone(this.#surplus, this.#received, 'came and were not expected')
    this.#demandNone(this.#open, this.#expected, 'are missing')
  }

  #demandNone(left: ReadonlySet<number>, items: readonly T[], what: string): void {
    if (left.size === 0) return
    const shown = [...left].slice(0, mostShown).map((index) => `[${index}] ${this.#show(items[index]!)}`)
    const more = left.size > shown.length ? ` and ${left.size - shown.length} more` : ''
    throw failure(`${this.#name}: ${left.size} of ${items.length} items ${what}: ${shown.join(', ')}${more}`)
  }

  /** An item of one side looks for its partner among those that wait on the other, or waits itself. */
  #meet(index: number, others: Set<number>, own: Set<number>): void {
    own.add(index)
    if (!this.#ordered) {
      const isReceived = own === this.#surplus
      const equals = (other: number) =>
        isReceived
          ? this.#equal(this.#received[index]!, this.#expected[other]!)
          : this.#equal(this.#received[other]!, this.#expected[index]!)
      for (const other of others) {
        if (!equals(other)) continue
        others.delete(other)
        own.delete(index)
        break
      }
      return
    }
    while (this.#compared < Math.min(this.#expected.length, this.#received.length)) {
      const next = this.#compared
      if (!this.#equal(this.#received[next]!, this.#expected[next]!)) throw this.#difference(next)
      this.#open.delete(next)
      this.#surplus.delete(next)
      this.#compared++
    }
  }

  #difference(index: number): GemgateError {
    const from = Math.max(0, index - neighbours)
    const lines: string[] = []
    for (let i = from; i <= index + neighbours; i++) {
      const [expected, received] = [this.#expected[i], this.#received[i]]
      if (i >= this.#expected.length && i >= this.#received.length) break
      const shown = (item: T | undefined, list: readonly T[]) =>
        i < list.length ? this.#show(item as T) : '-'
      lines.push(
        `${i === index ? '>' : ' '} [${i}] expected ${shown(expected, this.#expected)}, received ${shown(received, this.#received)}`,
      )
    }
    const found = this.#expected.findIndex(
      (item, i) => i > index && this.#equal(this.#received[index]!, item),
    )
    const hint = found < 0 ? '' : `\nwhat came was expected at ${found}: ${found - index} lost?`
    return failure(`${this.#name}: item ${index} differs\n${lines.join('\n')}${hint}`)
  }
}

function failure(message: string): GemgateError {
  return new GemgateError(
    'GG_BUS',
    message,
    'Look at the waveform where this item was sent and where it came out.',
  )
}
