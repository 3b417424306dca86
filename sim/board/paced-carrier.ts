import type { GemgateError } from '../../src/core/errors.ts'
import type { Carrier } from '../../src/link/carrier.ts'
import { Alarm, type LinkClock, systemClock } from '../../src/link/clock.ts'
import { CarrierFilter } from './carrier-filter.ts'

export interface PaceOptions {
  /** Each way. A UART with 8N1 carries a tenth of its baud rate. */
  readonly bytesPerSecond: number
  /** Milliseconds that a byte needs beside its time on the wire, such as the latency timer of a USB bridge. */
  readonly latency?: number
  /** Bytes that wait for the wire before `write` does. */
  readonly buffer?: number
  readonly clock?: LinkClock
}

/** A line of a given rate each way, full duplex: for benches, and for timing in simulated time. */
export class PacedCarrier extends CarrierFilter {
  readonly #toDevice: Wire
  readonly #toHost: Wire
  readonly #buffer: number
  readonly #waiting: (() => void)[] = []

  constructor(inner: Carrier, options: PaceOptions) {
    super(inner, `${inner.name} at ${options.bytesPerSecond} bytes/s`)
    const { bytesPerSecond, latency = 0, buffer = 4096, clock = systemClock } = options
    this.#buffer = buffer
    this.#toDevice = new Wire(clock, bytesPerSecond / 1000, latency, (bytes) => {
      if (this.over) return
      this.inner.write(bytes).catch(() => {})
      this.#release()
    })
    this.#toHost = new Wire(clock, bytesPerSecond / 1000, latency, (bytes) => {
      if (!this.over) this.host!.data(bytes)
    })
  }

  override async write(bytes: Uint8Array): Promise<void> {
    this.assertThere()
    this.#toDevice.push(bytes.slice())
    while (this.#toDevice.waiting > this.#buffer && !this.over)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.assertThere()
  }

  override data(chunk: Uint8Array): void {
    this.#toHost.push(chunk)
  }

  override lost(error: GemgateError): void {
    this.#toDevice.stop()
    this.#toHost.stop()
    this.#release()
    super.lost(error)
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]()
    this.#toDevice.stop()
    this.#toHost.stop()
    this.#release()
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Milliseconds on the wire after which bytes come out, in whole words: not each by itself, and not a chunk at once. */
const pieceTime = 0.5

/** Milliseconds that bytes may come out early: less than that no timer of the system can wait. */
const early = 0.5

/** One direction: bytes come out when their last bit has passed. */
class Wire {
  readonly #clock: LinkClock
  readonly #rate: number
  readonly #latency: number
  readonly #deliver: (bytes: Uint8Array) => void
  readonly #alarm: Alarm
  #chunks: { readonly bytes: Uint8Array; readonly at: number }[] = []
  #waiting = 0
  /** When the wire is free. */
  #free = 0

  /** `rate` in bytes per millisecond. */
  constructor(clock: LinkClock, rate: number, latency: number, deliver: (bytes: Uint8Array) => void) {
    this.#clock = clock
    this.#rate = rate
    this.#latency = latency
    this.#deliver = deliver
    this.#alarm = new Alarm(clock, () => this.#due())
  }

  get waiting(): number {
    return this.#waiting
  }

  push(bytes: Uint8Array): void {
    this.#free = Math.max(this.#free, this.#clock.now())
    const piece = 8 * Math.max(1, Math.round((this.#rate * pieceTime) / 8))
    for (let at = 0; at < bytes.length; at += piece) {
      const part = bytes.subarray(at, at + piece)
      this.#free += part.length / this.#rate
      this.#chunks.push({ bytes: part, at: this.#free + this.#latency })
    }
    this.#waiting += bytes.length
    if (!this.#alarm.armed) this.#arm()
  }

  stop(): void {
    this.#alarm.cancel()
    this.#chunks = []
    this.#waiting = 0
  }

  #arm(): void {
    const first = this.#chunks[0]
    if (first !== undefined) this.#alarm.set(Math.max(0, first.at - this.#clock.now()))
  }

  #due(): void {
    const now = this.#clock.now()
    for (
      let first = this.#chunks[0];
      first !== undefined && first.at <= now + early;
      first = this.#chunks[0]
    ) {
      this.#chunks.shift()
      this.#waiting -= first.bytes.length
      this.#deliver(first.bytes)
    }
    this.#arm()
  }
}
