import { frameFlags, frameKind, type LinkFrame } from '../../src/link/protocol.ts'
import { distance, following, furthest } from '../../src/link/sequence.ts'
import type { LinkTarget } from './link-device.ts'

/** The device's side of the pixels stream: slots in front of the target, credits to the host. */
export class PixelsReceiver {
  /** Frames that came out of order or without a free slot. */
  refused = 0
  /** The host is to hear of the state of the stream. */
  creditDue = false
  readonly #target: LinkTarget
  readonly #slots: number
  #held: Uint8Array[] = []
  #expected = 0
  /** A frame is missing, and the host was not told. */
  #askAgain = false
  #asked = false

  constructor(target: LinkTarget, slots: number) {
    this.#target = target
    this.#slots = slots
  }

  /** A session begins. */
  begin(): void {
    this.#held = []
    this.#expected = 0
    this.#askAgain = false
    this.#asked = false
    this.creditDue = false
  }

  take(frame: LinkFrame): void {
    this.creditDue = true
    const ahead = distance(this.#expected, frame.seq)
    if (ahead === 0 && frame.payload.length > 0 && this.#held.length < this.#slots) {
      this.#held.push(frame.payload)
      this.#expected = following(this.#expected)
      this.#asked = false
      this.#askAgain = false
      this.drain()
      return
    }
    this.refused++
    if (ahead > 0 && ahead < furthest && !this.#asked) {
      this.#asked = true
      this.#askAgain = true
    }
  }

  /** Gives the target what it takes. */
  drain(): void {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      const taken = this.#target.push(first)
      if (taken < first.length) {
        this.#held[0] = first.subarray(taken)
        return
      }
      this.#held.shift()
      this.creditDue = true
    }
  }

  /** The CREDIT reply if one is due. */
  credit(): LinkFrame | undefined {
    if (!this.creditDue) return undefined
    this.creditDue = false
    const flags = this.#askAgain ? frameFlags.retransmit : 0
    this.#askAgain = false
    return {
      kind: frameKind.creditReply,
      flags,
      seq: this.#expected,
      aux: (this.#expected + this.#slots - this.#held.length) & 0xffff,
      payload: new Uint8Array(0),
    }
  }
}
