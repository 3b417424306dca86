import type { LinkClock } from '../../src/link/clock.ts'

interface Entry {
  readonly at: number
  readonly action: () => void
}

/** Time that passes only when everything that can happen now has happened: hours of link traffic in seconds. */
export class VirtualClock implements LinkClock {
  #now = 0
  #soon: (() => void)[] = []
  /** A binary heap by time, then by age. */
  readonly #heap: (Entry & { readonly order: number })[] = []
  readonly #waiting = new Set<number>()
  #order = 0

  now(): number {
    return this.#now
  }

  /** Timers that were neither rung nor called off. */
  get pending(): number {
    return this.#waiting.size
  }

  after(delay: number, action: () => void): () => void {
    const order = this.#order++
    this.#waiting.add(order)
    this.#insert({ at: this.#now + Math.max(0, delay), action, order })
    return () => void this.#waiting.delete(order)
  }

  soon(action: () => void): void {
    this.#soon.push(action)
  }

  /**
   * Lets time pass until the promise settles, and gives what it gives. Throws when nothing is left that could settle
   * it, or when it takes more than `limit` milliseconds of this clock.
   */
  async run<T>(promise: Promise<T>, limit = Number.POSITIVE_INFINITY): Promise<T> {
    let settled = false
    const done = (): void => {
      settled = true
    }
    promise.then(done, done)
    const end = this.#now + limit
    for (;;) {
      // All promise reactions run before this turn of the event loop comes.
      await new Promise((resolve) => setImmediate(resolve))
      if (settled) return promise
      if (this.#soon.length > 0) for (const action of this.#soon.splice(0)) action()
      else {
        const entry = this.#first()
        if (entry === undefined) throw new Error('nothing is left that could happen')
        if (entry.at > end) throw new Error(`not done after ${limit} ms`)
        this.#now = Math.max(this.#now, entry.at)
        entry.action()
      }
    }
  }

  #insert(entry: Entry & { readonly order: number }): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #first(): Entry | undefined {
    for (let entry = this.#remove(); entry !== undefined; entry = this.#remove())
      if (this.#waiting.delete(entry.order)) return entry
    return undefined
  }

  #remove(): (Entry & { readonly order: number }) | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}

function before(a: Entry & { readonly order: number }, b: Entry & { readonly order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
