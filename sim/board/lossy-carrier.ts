import { GemgateError } from '../../src/core/errors.ts'
import type { Random } from '../../src/core/random.ts'
import type { Carrier } from '../../src/link/carrier.ts'
import { Alarm, type LinkClock, systemClock } from '../../src/link/clock.ts'
import { CarrierFilter } from './carrier-filter.ts'
import { damaged, damageKinds, randomBytes } from './damage.ts'

/** What a LossyCarrier does to a line. Damage strikes one chunk, the others the whole line. */
export const faultKinds = [...damageKinds, 'delay', 'stall', 'wrongBaud', 'disconnect', 'powerLoss'] as const

export type FaultKind = (typeof faultKinds)[number]

/** Probability of each kind for each chunk of either direction. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>

export interface LossyOptions {
  readonly random: Random
  readonly rates: FaultRates
  readonly clock?: LinkClock
  /** Each way; chunks that waited together still come out one after the other. Left out: no time on the wire. */
  readonly bytesPerSecond?: number
  /** Makes the device forget everything, as after power-up. Without it there is no power loss. */
  readonly powerLoss?: () => void
  /** Called for each fault; `counts` has them too. */
  readonly onFault?: (kind: FaultKind) => void
}

/** Milliseconds at most of a delay, and from and to of a stall and of a phase of wrong baud rate. */
const longestDelay = 120
const stallTime = [50, 1500] as const
const wrongBaudTime = [5, 200] as const

/**
 * A bad line: damages, loses, doubles, delays and stops bytes both ways, never brings them out of order.
 * On DMA carriers bytes come and go in words of 64 bits. The same seed does the same to the same traffic.
 */
export class LossyCarrier extends CarrierFilter {
  readonly counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>
  readonly #random: Random
  readonly #clock: LinkClock
  readonly #options: LossyOptions
  readonly #toDevice: Delayed
  readonly #toHost: Delayed
  #rates: FaultRates
  #stalledUntil = 0
  #garbledUntil = 0

  constructor(inner: Carrier, options: LossyOptions) {
    super(inner, `${inner.name} on a bad line`)
    this.#options = options
    this.#random = options.random
    this.#clock = options.clock ?? systemClock
    this.#rates = options.rates
    const rate = (options.bytesPerSecond ?? Number.POSITIVE_INFINITY) / 1000
    const toDevice = (bytes: Uint8Array): void => void this.inner.write(bytes).catch(() => {})
    this.#toDevice = new Delayed(this.#clock, rate, toDevice)
    this.#toHost = new Delayed(this.#clock, rate, (bytes) => this.host!.data(bytes))
  }

  /** Faults from now on; a phase at hand still ends when it would have. */
  set rates(rates: FaultRates) {
    this.#rates = rates
  }

  override async write(bytes: Uint8Array): Promise<void> {
    if (this.over)
      throw new GemgateError(
        'GG_LINK_LOST',
        'the device was unplugged',
        'Plug it in and open the link again.',
      )
    this.#pass(bytes.slice(), this.#toDevice)
    await this.#toDevice.room()
  }

  override data(chunk: Uint8Array): void {
    if (!this.over) this.#pass(chunk, this.#toHost)
  }

  override lost(error: GemgateError): void {
    this.#stop()
    super.lost(error)
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#stop()
    await super[Symbol.asyncDispose]()
  }

  #pass(chunk: Uint8Array, direction: Delayed): void {
    let delay = 0
    let bytes = chunk
    for (const kind of faultKinds) {
      const rate = this.#rates[kind]
      if (rate === undefined || this.#random.uniform() >= rate) continue
      if (kind === 'powerLoss' && this.#options.powerLoss === undefined) continue
      this.counts[kind]++
      this.#options.onFault?.(kind)
      if (kind === 'delay') delay = longestDelay * this.#random.uniform()
      else if (kind === 'stall') this.#stalledUntil = this.#clock.now() + this.#between(stallTime)
      else if (kind === 'wrongBaud') this.#garbledUntil = this.#clock.now() + this.#between(wrongBaudTime)
      else if (kind === 'powerLoss') this.#options.powerLoss!()
      else if (kind === 'disconnect') {
        this.#disconnect()
        return
      } else bytes = damaged(bytes, kind, this.framing === 'records' ? 8 : 1, this.#random)
    }
    const now = this.#clock.now()
    if (now < this.#garbledUntil) bytes = randomBytes(bytes.length, this.#random)
    if (bytes.length > 0) direction.push(bytes, Math.max(now + delay, this.#stalledUntil))
  }

  #between([from, to]: readonly [number, number]): number {
    return from + (to - from) * this.#random.uniform()
  }

  #disconnect(): void {
    this.lost(
      new GemgateError('GG_LINK_LOST', 'the device was unplugged', 'Plug it in and open the link again.'),
    )
  }

  #stop(): void {
    this.#toDevice.stop()
    this.#toHost.stop()
  }
}

/** One direction: chunks in order, each not before its time. */
class Delayed {
  readonly #clock: LinkClock
  readonly #rate: number
  readonly #deliver: (bytes: Uint8Array) => void
  readonly #alarm: Alarm
  #chunks: { readonly bytes: Uint8Array; readonly at: number }[] = []
  #last = 0
  #waiting: (() => void)[] = []

  /** `rate` in bytes per millisecond. */
  constructor(clock: LinkClock, rate: number, deliver: (bytes: Uint8Array) => void) {
    this.#clock = clock
    this.#rate = rate
    this.#deliver = deliver
    this.#alarm = new Alarm(clock, () => this.#due())
  }

  push(bytes: Uint8Array, at: number): void {
    this.#last = Math.max(this.#last, at) + bytes.length / this.#rate
    this.#chunks.push({ bytes, at: this.#last })
    this.#due()
  }

  /** Resolves when few chunks wait. */
  async room(): Promise<void> {
    while (this.#chunks.length > chunksWaiting)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  stop(): void {
    this.#alarm.cancel()
    this.#chunks = []
    this.#release()
  }

  #due(): void {
    const now = this.#clock.now()
    for (let first = this.#chunks[0]; first !== undefined && first.at <= now; first = this.#chunks[0]) {
      this.#chunks.shift()
      this.#deliver(first.bytes)
    }
    this.#release()
    const first = this.#chunks[0]
    if (first !== undefined && !this.#alarm.armed) this.#alarm.set(first.at - now)
  }

  #release(): void {
    if (this.#chunks.length <= chunksWaiting) for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

const chunksWaiting = 64
