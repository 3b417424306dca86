/** What the host wrote, each value once, and what it knows of it. */
export class WriteLog {
  readonly #entries: { readonly value: number; certain: boolean }[] = []

  /** Values that are written now; the function that it returns says that the device has executed them. */
  begin(values: ArrayLike<number>): () => void {
    const entries = Array.from(values, (value) => ({ value, certain: false }))
    this.#entries.push(...entries)
    return () => {
      for (const entry of entries) entry.certain = true
    }
  }

  get length(): number {
    return this.#entries.length
  }

  /**
   * Executions that should not be, and certain ones that are missing: every certain value must have been executed
   * once, every other one once or not at all, all in the order of the host.
   */
  mistakes(executed: readonly number[]): number {
    let mistakes = 0
    let at = 0
    for (const value of executed) {
      let next = at
      while (
        next < this.#entries.length &&
        this.#entries[next]!.value !== value &&
        !this.#entries[next]!.certain
      )
        next++
      if (this.#entries[next]?.value === value) at = next + 1
      else if (this.#entries[next] !== undefined && this.#ahead(next, value)) {
        // A certain one was left out: it is counted, and the search goes on behind it.
        mistakes++
        at = this.#entries.findIndex((entry, i) => i > next && entry.value === value) + 1
      } else mistakes++
    }
    for (; at < this.#entries.length; at++) if (this.#entries[at]!.certain) mistakes++
    return mistakes
  }

  #ahead(from: number, value: number): boolean {
    return this.#entries.findIndex((entry, i) => i > from && entry.value === value) >= 0
  }
}
