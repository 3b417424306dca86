/** What an agent has heard, handed out in order: first asked, first served, and nothing is lost when a wait fails. */
export class Inbox<T> {
  /** Everything so far, what was taken included. */
  readonly items: T[] = []
  readonly #askers: symbol[] = []
  #given = 0

  /**
   * Waits for the next items.
   * @param wait waits until its condition holds, and fails if that does not come
   * @param interrupts ends the wait of who is next, with too few items
   * @returns fewer than asked for if it was interrupted; those stay in the box
   */
  async take(
    count: number,
    wait: (holds: () => boolean) => Promise<unknown>,
    interrupts: () => boolean = () => false,
  ): Promise<readonly T[]> {
    const asker = Symbol()
    let taken: readonly T[] = []
    this.#askers.push(asker)
    try {
      await wait(() => {
        if (this.#askers[0] !== asker) return false
        if (this.items.length < this.#given + count) return interrupts()
        taken = this.items.slice(this.#given, this.#given + count)
        this.#given += count
        this.#askers.shift()
        return true
      })
    } finally {
      const place = this.#askers.indexOf(asker)
      if (place >= 0) this.#askers.splice(place, 1)
    }
    return taken
  }
}
