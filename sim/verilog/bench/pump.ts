// taken now: fake timers of a test framework replace them later
const { nextTick } = process
const laterTurn = setImmediate
const now = performance.now.bind(performance)

const patienceMilliseconds = 8

/** Calls a function again and again, each time after everything that can go on without it has gone on. */
export class Pump {
  readonly #turn: () => boolean
  #awake = false
  #since = 0

  /** @param turn returns true if it should be called again */
  constructor(turn: () => boolean) {
    this.#turn = turn
  }

  wake(): void {
    if (this.#awake) return
    this.#awake = true
    // microtasks queued before this one, and all that follow from them, come before the next tick
    queueMicrotask(this.#schedule)
  }

  readonly #schedule = (): void => {
    if (now() - this.#since > patienceMilliseconds) laterTurn(this.#rest)
    else nextTick(this.#run)
  }

  /** Timers, messages and signals of the process have had their turn. */
  readonly #rest = (): void => {
    this.#since = now()
    nextTick(this.#run)
  }

  readonly #run = (): void => {
    this.#awake = false
    if (this.#turn()) this.wake()
  }
}
