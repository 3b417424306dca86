import { frameFlags, frameKind, type LinkFrame } from '../../src/link/protocol.ts'
import { distance, following, furthest } from '../../src/link/sequence.ts'
import type { LinkTarget } from './link-device.ts'

interface Held {
  readonly flags: number
  readonly payload: Uint8Array
  sent: boolean
}

/** The device's side of the events stream: cuts messages into frames and holds them until the host has them. */
export class EventsSender {
  /** Frames that were sent again. */
  retransmitted = 0
  readonly #target: LinkTarget
  readonly #slots: number
  readonly #maximumPayload: number
  /** Frames from `#first` on. */
  #held: Held[] = []
  #first = 0
  #next = 0
  #limit = 0
  #message: Uint8Array | undefined
  #offset = 0

  constructor(target: LinkTarget, slots: number, maximumPayload: number) {
    this.#target = target
    this.#slots = slots
    this.#maximumPayload = maximumPayload
  }

  /** A session begins. */
  begin(): void {
    this.#held = []
    this.#first = 0
    this.#next = 0
    this.#limit = 0
    this.#message = undefined
    this.#offset = 0
  }

  /** The host acknowledges, grants, and may ask again. */
  credit({ flags, seq, aux }: LinkFrame): void {
    const got = distance(this.#first, seq)
    if (got > this.#sentUpTo() || distance(seq, aux) > furthest) return
    this.#held.splice(0, got)
    if (distance(this.#first, this.#next) < got || (flags & frameFlags.retransmit) !== 0) this.#next = seq
    this.#first = seq
    this.#limit = aux
    this.fill()
  }

  /** Takes messages from the target while slots are free. */
  fill(): void {
    while (this.#held.length < this.#slots) {
      this.#message ??= this.#target.pull()
      if (this.#message === undefined) return
      const end = Math.min(this.#offset + this.#maximumPayload, this.#message.length)
      const first = this.#offset === 0 ? frameFlags.first : 0
      const last = end === this.#message.length ? frameFlags.last : 0
      this.#held.push({
        flags: first | last,
        payload: this.#message.subarray(this.#offset, end),
        sent: false,
      })
      this.#offset = last === 0 ? end : 0
      if (last !== 0) this.#message = undefined
    }
  }

  /** A frame may be sent now. */
  get ready(): boolean {
    const at = distance(this.#first, this.#next)
    const granted = distance(this.#next, this.#limit)
    return at < this.#held.length && granted > 0 && granted <= furthest
  }

  next(): LinkFrame | undefined {
    if (!this.ready) return undefined
    const held = this.#held[distance(this.#first, this.#next)]!
    if (held.sent) this.retransmitted++
    held.sent = true
    const seq = this.#next
    this.#next = following(seq)
    const { flags, payload } = held
    return { kind: frameKind.dataToHost, flags, seq, aux: this.#target.dropped & 0xffff, payload }
  }

  /** Frames that were sent at least once and are not acknowledged. */
  #sentUpTo(): number {
    const unsent = this.#held.findIndex((held) => !held.sent)
    return unsent < 0 ? this.#held.length : unsent
  }
}
