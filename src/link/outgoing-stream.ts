import type { GemgateError } from '../core/errors.ts'
import { Alarm } from './clock.ts'
import type { FrameSource, LinkContext } from './link-context.ts'
import { frameFlags, frameKind, type LinkFrame } from './protocol.ts'
import { distance, following, furthest } from './sequence.ts'
import { StreamWatch } from './stream-watch.ts'

interface Job {
  readonly bytes: Uint8Array
  /** Bytes that are in frames already. */
  offset: number
  framesUnacknowledged: number
  readonly settle: (error?: unknown) => void
}

interface Sent {
  payload: Uint8Array
  readonly flags: number
  readonly job: Job
  at: number
  times: number
}

/** The host's side of the pixels stream: as many frames as the device grants, sent again from the one that is missing. */
export class OutgoingStream implements FrameSource {
  readonly #context: LinkContext
  readonly #ask: () => void
  readonly #alarm: Alarm
  readonly #watch: StreamWatch
  #jobs: Job[] = []
  /** Frames from `#base` on that the device has not acknowledged. */
  #sent: Sent[] = []
  #base = 0
  #cursor = 0
  #limit = 0
  #payload = 0
  #running = false
  #wait = 0
  /** When a CREDIT was sent because nothing was acknowledged. */
  #asked: number | undefined
  #error: GemgateError | undefined

  /** `ask` sends a CREDIT, which the device answers with the state of this stream. */
  constructor(context: LinkContext, ask: () => void) {
    this.#context = context
    this.#ask = ask
    this.#alarm = new Alarm(context.settings.clock, () => this.#expired())
    this.#watch = new StreamWatch(context, 'the device does not take the pixels stream')
  }

  /** A session has begun; the device tells by CREDIT what it takes. */
  begin(maximumPayload: number): void {
    this.#payload = maximumPayload
    this.#base = 0
    this.#cursor = 0
    this.#limit = 0
    this.#running = true
    this.#asked = undefined
    this.#watch.progress()
    this.#restartWait()
  }

  /** Everything that waits is rejected; what is sent from now on waits for `begin`. */
  reset(error: GemgateError): void {
    this.#running = false
    this.#alarm.cancel()
    const jobs = new Set([...this.#sent.map((frame) => frame.job), ...this.#jobs])
    this.#sent = []
    this.#jobs = []
    for (const job of jobs) job.settle(error)
  }

  fail(error: GemgateError): void {
    this.#error = error
    this.reset(error)
  }

  revive(): void {
    this.#error = undefined
  }

  send(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (bytes.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const abort = (): void => this.#abort(job, signal!.reason)
      const settle = (error?: unknown): void => {
        signal?.removeEventListener('abort', abort)
        if (error === undefined) resolve()
        else reject(error)
      }
      const job: Job = { bytes, offset: 0, framesUnacknowledged: 0, settle }
      signal?.addEventListener('abort', abort)
      this.#jobs.push(job)
      if (!this.#running) return
      if (!this.#alarm.armed) this.#restartWait()
      this.#context.wake()
    })
  }

  next(): LinkFrame | undefined {
    const granted = distance(this.#cursor, this.#limit)
    if (!this.#running || granted === 0 || granted > furthest) return undefined
    const index = distance(this.#base, this.#cursor)
    if (index === this.#sent.length && !this.#cut()) return undefined
    const frame = this.#sent[index]!
    const seq = this.#cursor
    this.#cursor = following(seq)
    if (frame.times++ > 0) this.#context.statistics.framesResent++
    else frame.at = this.#context.settings.clock.now()
    return { kind: frameKind.dataToDevice, flags: frame.flags, seq, aux: 0, payload: frame.payload }
  }

  /** A CREDIT reply of the device. */
  credit({ flags, seq, aux: limit }: LinkFrame): void {
    if (!this.#running) return
    const taken = distance(this.#base, seq)
    if (taken >= furthest) return
    if (taken > this.#sent.length || distance(seq, limit) > furthest) {
      this.#watch.futile(
        `it acknowledges frame ${seq}, and ${this.#sent.length} were sent from ${this.#base}`,
      )
      return
    }
    const opened = distance(this.#limit, limit)
    if (opened > 0 && opened < furthest) this.#limit = limit
    if (taken > 0) this.#acknowledge(taken, seq)
    const again = (flags & frameFlags.retransmit) !== 0 || (this.#asked !== undefined && taken === 0)
    if (again && this.#cursor !== seq) {
      this.#cursor = seq
      this.#watch.futile(`it still waits for frame ${seq}`)
    }
    this.#asked = undefined
    if (taken > 0 || (opened > 0 && opened < furthest)) this.#restartWait()
    this.#context.wake()
  }

  #acknowledge(taken: number, seq: number): void {
    const done = this.#sent.splice(0, taken)
    if (distance(this.#base, this.#cursor) < taken) this.#cursor = seq
    this.#base = seq
    this.#watch.progress()
    const newest = done.at(-1)!
    if (newest.times === 1)
      this.#context.roundTrip.sample(this.#context.settings.clock.now() - (this.#asked ?? newest.at))
    for (const { job, payload } of done) {
      this.#context.statistics.pixelBytes += payload.length
      if (--job.framesUnacknowledged === 0 && job.offset === job.bytes.length) job.settle()
    }
  }

  /** Puts the next bytes into a frame; false when there are none. */
  #cut(): boolean {
    const job = this.#jobs[0]
    if (job === undefined) return false
    const payload = job.bytes.subarray(job.offset, job.offset + this.#payload)
    const first = job.offset === 0 ? frameFlags.first : 0
    job.offset += payload.length
    const last = job.offset === job.bytes.length ? frameFlags.last : 0
    job.framesUnacknowledged++
    if (last !== 0) this.#jobs.shift()
    this.#sent.push({ payload, flags: first | last, job, at: 0, times: 0 })
    if (!this.#alarm.armed) this.#restartWait()
    return true
  }

  /** The caller may change the bytes after this: what may have to be sent again is copied. */
  #abort(job: Job, reason: unknown): void {
    this.#jobs = this.#jobs.filter((other) => other !== job)
    for (const frame of this.#sent) if (frame.job === job) frame.payload = frame.payload.slice()
    job.settle(reason)
  }

  #restartWait(): void {
    this.#wait = this.#context.roundTrip.timeout
    if (this.#sent.length > 0 || this.#jobs.length > 0) this.#alarm.set(this.#wait)
    else this.#alarm.cancel()
  }

  #expired(): void {
    if (!this.#running || (this.#sent.length === 0 && this.#jobs.length === 0)) return
    if (!this.#context.blocked) {
      this.#asked = this.#context.settings.clock.now()
      this.#ask()
      this.#wait = Math.min(2 * this.#wait, Math.max(this.#context.settings.keepAlive, this.#wait))
    }
    this.#alarm.set(this.#wait)
  }
}
