import { encodeFor, FrameDecoder, type Framing } from '../../src/link/framer.ts'
import { decodeHello, encodeHelloReply } from '../../src/link/hello.ts'
import {
  type DeviceStatistics,
  frameKind,
  type HelloReply,
  type LinkFrame,
  protocolVersion,
  replyStatus,
  uartPayload,
} from '../../src/link/protocol.ts'
import { encodeDeviceStatistics } from '../../src/link/statistics.ts'
import { bytesToWords, wordsToBytes } from '../../src/link/words.ts'
import { EventsSender } from './events-sender.ts'
import type { LinkDevice, LinkTarget } from './link-device.ts'
import { PixelsReceiver } from './pixels-receiver.ts'

export interface LinkEndpointOptions
  extends Partial<Pick<HelloReply, 'maximumPayload' | 'slots' | 'schema' | 'build' | 'clock'>> {
  readonly framing: Framing
  readonly registers: number
  /** Frames of the events stream that are held until the host has them. */
  readonly transmitSlots?: number
}

/** Answers that may wait for a host that does not read; requests beyond them are as lost. */
const answersWaiting = 16
const nothing = new Uint8Array(0)

interface Session {
  readonly nonce: number
  /** The last request and its answer, for repeats. */
  last: { readonly seq: number; readonly reply: LinkFrame } | undefined
}

/**
 * The device's side of the link in TypeScript, the twin of hdl/link: docs/link.md, without timers.
 * The owner of the target calls `advance` when the target can take or give more.
 */
export class LinkEndpoint implements LinkDevice {
  readonly framing: Framing
  onOutput: (() => void) | undefined
  readonly #target: LinkTarget
  readonly #hello: Omit<HelloReply, 'nonce'>
  readonly #transmitSlots: number
  #decoder!: FrameDecoder
  #pixels!: PixelsReceiver
  #events!: EventsSender
  #session: Session | undefined
  #answers: LinkFrame[] = []
  #duplicates = 0
  #sessions = 0

  constructor(target: LinkTarget, options: LinkEndpointOptions) {
    this.framing = options.framing
    this.#target = target
    this.#transmitSlots = options.transmitSlots ?? 4
    this.#hello = {
      version: protocolVersion,
      maximumPayload: options.maximumPayload ?? uartPayload,
      registers: options.registers,
      slots: options.slots ?? 4,
      schema: options.schema ?? 0,
      build: options.build ?? 0n,
      clock: options.clock ?? 0,
    }
    this.reset()
  }

  get statistics(): DeviceStatistics {
    const { frames, crcErrors, framingErrors } = this.#decoder.counters
    const wrap = (n: number): number => n & 0xffff
    return {
      frames: wrap(frames),
      crcErrors: wrap(crcErrors),
      framingErrors: wrap(framingErrors),
      duplicates: wrap(this.#duplicates),
      refused: wrap(this.#pixels.refused),
      retransmitted: wrap(this.#events.retransmitted),
      dropped: wrap(this.#target.dropped),
      sessions: wrap(this.#sessions),
    }
  }

  /** As after power-up: no session, all counters 0. The target is the owner's business. */
  reset(): void {
    const { maximumPayload, slots } = this.#hello
    this.#decoder = new FrameDecoder(this.framing, maximumPayload, (frame) => this.#frame(frame))
    this.#pixels = new PixelsReceiver(this.#target, slots)
    this.#events = new EventsSender(this.#target, this.#transmitSlots, maximumPayload)
    this.#session = undefined
    this.#answers = []
    this.#duplicates = 0
    this.#sessions = 0
  }

  receive(bytes: Uint8Array): void {
    this.#decoder.push(bytes)
    this.advance()
  }

  /** Moves on what waited for the target. */
  advance(): void {
    if (this.#session !== undefined) {
      this.#pixels.drain()
      this.#events.fill()
    }
    if (this.#answers.length > 0 || this.#pixels.creditDue || this.#events.ready) this.onOutput?.()
  }

  transmit(): Uint8Array | undefined {
    const frame = this.#answers.shift() ?? this.#pixels.credit() ?? this.#events.next()
    return frame && encodeFor(this.framing, frame)
  }

  #frame(frame: LinkFrame): void {
    if (frame.kind === frameKind.hello) this.#answer(this.#begin(frame))
    else if (this.#session === undefined) this.#answer(refusal(frame, replyStatus.noSession))
    else if (frame.kind === frameKind.dataToDevice) this.#pixels.take(frame)
    else if (frame.kind === frameKind.credit) {
      this.#events.credit(frame)
      this.#pixels.creditDue = true
    } else this.#answer(this.#request(this.#session, frame))
  }

  #answer(frame: LinkFrame): void {
    if (this.#answers.length < answersWaiting) this.#answers.push(frame)
  }

  #begin(frame: LinkFrame): LinkFrame {
    const hello = decodeHello(frame.payload)
    if (typeof hello === 'string')
      return refusal(frame, hello === 'length' ? replyStatus.badLength : replyStatus.badKind)
    if (this.#session?.nonce !== hello.nonce) {
      this.#session = { nonce: hello.nonce, last: undefined }
      this.#sessions++
      this.#answers = []
      this.#pixels.begin()
      this.#events.begin()
      this.#target.session()
    }
    const payload = encodeHelloReply({ nonce: hello.nonce, ...this.#hello })
    return { kind: frameKind.helloReply, flags: 0, seq: frame.seq, aux: 0, payload }
  }

  #request(session: Session, frame: LinkFrame): LinkFrame {
    if (session.last?.seq === frame.seq) {
      this.#duplicates++
      return session.last.reply
    }
    const result = this.#execute(frame)
    if (result === undefined) return refusal(frame, replyStatus.badKind)
    const [aux, payload] = typeof result === 'number' ? [result, nothing] : [replyStatus.ok, result]
    const reply: LinkFrame = { kind: frame.kind | 0x80, flags: 0, seq: frame.seq, aux, payload }
    session.last = { seq: frame.seq, reply }
    return reply
  }

  /** The payload of the reply, or why there is none; undefined for an unknown kind. */
  #execute({ kind, aux, payload }: LinkFrame): Uint8Array | number | undefined {
    switch (kind) {
      case frameKind.read: {
        const count = payload[0] ?? 0
        if (payload.length !== 1 || count < 1 || 4 * count > this.#hello.maximumPayload)
          return replyStatus.badLength
        if (aux + count > this.#hello.registers) return replyStatus.badAddress
        return wordsToBytes(Array.from({ length: count }, (_, i) => this.#target.read(aux + i)))
      }
      case frameKind.write:
      case frameKind.pulse: {
        if (payload.length === 0 || payload.length % 4 !== 0) return replyStatus.badLength
        const step = kind === frameKind.write ? 1 : 0
        const words = bytesToWords(payload)
        if (aux + step * (words.length - 1) >= this.#hello.registers) return replyStatus.badAddress
        for (const [i, word] of words.entries()) this.#target.write(aux + step * i, word)
        return nothing
      }
      case frameKind.statistics:
        return payload.length === 0 ? encodeDeviceStatistics(this.statistics) : replyStatus.badLength
      default:
        return undefined
    }
  }
}

function refusal(frame: LinkFrame, aux: number): LinkFrame {
  return { kind: frameKind.error, flags: 0, seq: frame.seq, aux, payload: nothing }
}
