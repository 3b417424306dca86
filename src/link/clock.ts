/** Time for the link, so that simulated links can run in simulated time. Milliseconds. */
export interface LinkClock {
  now(): number
  /** Calls `action` once after `delay`; the function that it returns calls that off. */
  after(delay: number, action: () => void): () => void
  /** Calls `action` as soon as everything else that waits now had its turn. */
  soon(action: () => void): void
}

export const systemClock: LinkClock = {
  now: () => performance.now(),
  after(delay, action) {
    // A process that was busy meanwhile first reads what came: an answer must not be too late because of its reader.
    let turn: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      turn = setImmediate(action)
    }, delay)
    return () => {
      clearTimeout(timer)
      clearImmediate(turn)
    }
  },
  soon: (action) => void setImmediate(action),
}

/** Timers of the system ring at once when they are set to more: 24 days. */
const longestTimer = 2 ** 31 - 1

/** One deadline that may be moved often: moving it later costs nothing. */
export class Alarm {
  readonly #clock: LinkClock
  readonly #action: () => void
  #deadline: number | undefined
  #timer: { readonly at: number; readonly cancel: () => void } | undefined

  constructor(clock: LinkClock, action: () => void) {
    this.#clock = clock
    this.#action = action
  }

  get armed(): boolean {
    return this.#deadline !== undefined
  }

  /** Rings once after `delay` milliseconds, in place of any earlier setting. */
  set(delay: number): void {
    this.#deadline = this.#clock.now() + delay
    if (this.#timer !== undefined && this.#timer.at <= this.#deadline) return
    this.#timer?.cancel()
    this.#wait(delay)
  }

  cancel(): void {
    this.#deadline = undefined
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(left: number): void {
    const delay = Math.min(left, longestTimer)
    this.#timer = {
      at: this.#clock.now() + delay,
      cancel: this.#clock.after(delay, () => this.#ring()),
    }
  }

  #ring(): void {
    this.#timer = undefined
    if (this.#deadline === undefined) return
    // Timers of the system may come a little early; half a millisecond is near enough.
    const left = this.#deadline - this.#clock.now()
    if (left > 0.5) this.#wait(left)
    else {
      this.#deadline = undefined
      this.#action()
    }
  }
}
