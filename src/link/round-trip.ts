/** Estimates how long answers take: jumps up with a late one, comes down slowly. */
export class RoundTrip {
  readonly #minimumTimeout: number
  #estimate = 0

  constructor(minimumTimeout: number) {
    this.#minimumTimeout = minimumTimeout
  }

  /** Milliseconds. */
  get estimate(): number {
    return this.#estimate
  }

  /** How long to wait for an answer before it counts as lost. */
  get timeout(): number {
    return Math.max(this.#minimumTimeout, 4 * this.#estimate)
  }

  sample(milliseconds: number): void {
    this.#estimate += (milliseconds - this.#estimate) / (milliseconds > this.#estimate ? 1 : 8)
  }
}
