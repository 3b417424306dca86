import type { GemgateError } from '../core/errors.ts'
import { Alarm } from './clock.ts'
import type { FrameSource, LinkContext } from './link-context.ts'
import type { LinkFrame } from './protocol.ts'

/** One request and its answer. */
export interface Exchange {
  readonly frame: LinkFrame
  /** Whether a frame from the device answers this request. */
  readonly answeredBy: (frame: LinkFrame) => boolean
  /** Called with the answer before any frame behind it is looked at. */
  readonly accept?: (frame: LinkFrame) => void
  /** Times that it is sent at most. */
  readonly attempts: number
  /** Milliseconds to wait after the n-th time, from 0. */
  readonly patience: (attempt: number) => number
  /** The error when no answer came. */
  readonly unanswered: () => GemgateError
}

interface Running extends Exchange {
  readonly resolve: (reply: LinkFrame) => void
  readonly reject: (error: unknown) => void
  /** Times that it was due, and times that it was given to the carrier. */
  tries: number
  sent: number
  lastSent: number
}

/** From one `revive` to the next: what was queued in one never runs in another. */
interface Life {
  error?: GemgateError
}

/** Requests one at a time, repeated until they are answered: the device executes each once. */
export class ControlChannel implements FrameSource {
  readonly #context: LinkContext
  readonly #alarm: Alarm
  #running: Running | undefined
  #due = false
  #turn: Promise<unknown> = Promise.resolve()
  #life: Life = {}

  constructor(context: LinkContext) {
    this.#context = context
    this.#alarm = new Alarm(context.settings.clock, () => this.#expired())
  }

  /** A request waits for its answer. */
  get busy(): boolean {
    return this.#running !== undefined
  }

  /** Runs tasks with several exchanges one after the other, in the order of the calls. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const life = this.#life
    if (life.error !== undefined) return Promise.reject(life.error)
    return this.inTurn(() => {
      if (life.error !== undefined) throw life.error
      return task()
    })
  }

  /** As `exclusively`, also after `fail`: for a task that calls `revive`. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => {})
    return result
  }

  /** Only from within a task. Rejects with `unanswered`, which ends the session, or with what else ended it. */
  exchange(exchange: Exchange): Promise<LinkFrame> {
    if (this.#life.error !== undefined) return Promise.reject(this.#life.error)
    return new Promise((resolve, reject) => {
      this.#running = { ...exchange, resolve, reject, tries: 0, sent: 0, lastSent: 0 }
      this.#request(this.#running)
    })
  }

  next(): LinkFrame | undefined {
    const running = this.#running
    if (!this.#due || running === undefined) return undefined
    this.#due = false
    if (running.sent > 0) this.#context.statistics.requestsRepeated++
    running.lastSent = this.#context.settings.clock.now()
    this.#alarm.set(running.patience(running.sent))
    running.sent++
    return running.frame
  }

  /** Whether this frame was waited for. */
  offer(frame: LinkFrame): boolean {
    const running = this.#running
    if (running === undefined || running.sent === 0 || !running.answeredBy(frame)) return false
    running.accept?.(frame)
    // From the last time that it was sent: waits for what was lost would make the estimate run away.
    this.#context.roundTrip.sample(this.#context.settings.clock.now() - running.lastSent)
    this.#finish()
    running.resolve(frame)
    return true
  }

  fail(error: GemgateError): void {
    this.#life.error = error
    const running = this.#running
    this.#finish()
    running?.reject(error)
  }

  /** Takes requests again after `fail`; only from within a task. */
  revive(): void {
    this.#life = {}
  }

  #request(running: Running): void {
    running.tries++
    this.#due = true
    // The first wait begins when the frame is given to the carrier; this one is for a carrier that takes nothing.
    this.#alarm.set(this.#context.settings.writeTimeout)
    this.#context.wake()
  }

  #expired(): void {
    const running = this.#running
    if (running === undefined) return
    if (this.#context.blocked) {
      this.#alarm.set(this.#context.roundTrip.timeout)
      this.#context.wake()
    } else if (running.tries < running.attempts) {
      this.#context.resynchronise()
      this.#request(running)
    } else this.#context.fail(running.unanswered())
  }

  #finish(): void {
    this.#running = undefined
    this.#due = false
    this.#alarm.cancel()
  }
}
