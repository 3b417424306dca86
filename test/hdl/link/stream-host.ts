import { Random } from '../../../src/core/random.ts'
import { encodeFor } from '../../../src/link/framer.ts'
import { frameFlags, frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { distance, following } from '../../../src/link/sequence.ts'
import type { EndpointHost } from './endpoint-host.ts'

/** Clocks without progress after which something is asked again. */
const patience = 6000

/** A host that moves both streams and registers at once over a link that damages, loses and doubles frames. */
export class StreamHost {
  readonly received: number[] = []
  /** Sizes of the whole messages received. */
  readonly messages: number[] = []
  readonly reads: number[] = []
  readonly host: EndpointHost
  readonly #random: Random
  readonly #loss: number
  readonly #pixels: readonly Uint8Array[]
  readonly #start: number
  #base = 0
  #next = 0
  #limit: number
  #expected: number
  #asked = false
  #message = 0
  #request = 1
  #progress = 0
  #asking = 0

  /** @param loss of 1000 frames, how many are harmed */
  constructor(host: EndpointHost, pixels: readonly Uint8Array[], start: number, loss: number, seed: number) {
    this.host = host
    this.#pixels = pixels
    this.#start = start
    this.#expected = start
    this.#limit = 3
    this.#loss = loss
    this.#random = new Random(seed)
  }

  /** Flips bits in some of the bytes from the device. */
  #damaged(bytes: Uint8Array): Uint8Array {
    const rate = this.#loss / 100_000
    return bytes.map((byte) => (this.#random.uniform() < rate ? byte ^ (1 << this.#random.integer(8)) : byte))
  }

  /** Until all pixels went out and `bytes` of events came in. */
  run(bytes: number, limit: number): void {
    const { bench } = this.host
    const end = bench.cycles + limit
    this.host.harm = (chunk) => this.#damaged(chunk)
    this.#credit(0)
    this.#ask()
    this.#progress = this.#asking = bench.cycles
    while (this.#base < this.#pixels.length || this.received.length < bytes) {
      if (bench.cycles > end) throw new Error(`stuck at ${this.#base} pixels, ${this.received.length} events`)
      for (let i = 0; this.#next < Math.min(this.#limit, this.#pixels.length) && i < 2; i++) this.#data()
      bench.run(50)
      for (const frame of this.host.take()) this.#frame(frame)
      if (bench.cycles - this.#progress > patience) {
        this.#progress = bench.cycles
        this.#next = this.#base
        this.#credit(frameFlags.retransmit)
      }
      if (bench.cycles - this.#asking > patience) this.#ask()
    }
    this.host.harm = (chunk) => chunk
  }

  #frame(frame: LinkFrame): void {
    const { bench } = this.host
    if (frame.kind === frameKind.creditReply) {
      const base = distance(this.#start, frame.seq)
      if (base < this.#base) return
      if (base > this.#base) this.#progress = bench.cycles
      this.#base = base
      this.#limit = base + distance(frame.seq, frame.aux)
      this.#next = frame.flags === frameFlags.retransmit ? base : Math.max(base, this.#next)
    } else if (frame.kind === frameKind.dataToHost) this.#event(frame)
    else if (frame.kind === frameKind.readReply && frame.seq === this.#request) {
      this.reads.push(frame.payload[0]!)
      this.#request = (this.#request % 0xffff) + 1
      this.#ask()
    }
  }

  #event({ seq, flags, payload }: LinkFrame): void {
    if (seq === this.#expected) {
      if ((flags & frameFlags.first) !== 0) this.#message = 0
      this.received.push(...payload)
      this.#message += payload.length
      if ((flags & frameFlags.last) !== 0) this.messages.push(this.#message)
      this.#expected = following(seq)
      this.#progress = this.host.bench.cycles
      this.#asked = false
      this.#credit(0)
    } else if (!this.#asked) {
      this.#asked = true
      this.#credit(frameFlags.retransmit)
    }
  }

  #credit(flags: number): void {
    const seq = this.#expected
    this.#send({ kind: frameKind.credit, flags, seq, aux: (seq + 2) & 0xffff, payload: new Uint8Array(0) })
  }

  #ask(): void {
    this.#asking = this.host.bench.cycles
    this.#send({ kind: frameKind.read, flags: 0, seq: this.#request, aux: 3, payload: Uint8Array.of(1) })
  }

  #data(): void {
    const seq = (this.#start + this.#next) & 0xffff
    const payload = this.#pixels[this.#next++]!
    this.#send({ kind: frameKind.dataToDevice, flags: 0, seq, aux: 0, payload })
  }

  #send(frame: LinkFrame): void {
    const { bench } = this.host
    const bytes = encodeFor('bytes', frame)
    const harm = this.#random.integer(1000) < this.#loss ? this.#random.integer(4) : -1
    if (harm === 0) return
    if (harm === 1) bench.send(bytes)
    if (harm >= 2) bytes[this.#random.integer(bytes.length)]! ^= 1 << this.#random.integer(8)
    bench.send(bytes)
  }
}
