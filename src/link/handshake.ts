import { GemgateError } from '../core/errors.ts'
import type { Exchange } from './control-channel.ts'
import { decodeHelloReply, encodeHello } from './hello.ts'
import type { LinkContext } from './link-context.ts'
import {
  frameKind,
  type HelloReply,
  type LinkFrame,
  largestPayload,
  protocolVersion,
  replyStatus,
} from './protocol.ts'

const reflash = 'Flash the firmware of this version.'

/** What to look at when there is no answer at all. */
export const silenceRemedy = 'Check the cable, the baud rate, and that the board is programmed and powered.'

/** One HELLO with its own nonce, until the device answers it. */
export class Handshake {
  readonly #context: LinkContext
  readonly #name: string
  readonly #nonce: number
  readonly #accepted: (reply: HelloReply) => void
  #refusal: number | undefined
  #objection: GemgateError | undefined

  /** `accepted` is called at once for a device that will do: what follows in the same chunk is of the new session. */
  constructor(context: LinkContext, name: string, accepted: (reply: HelloReply) => void) {
    this.#context = context
    this.#name = name
    this.#nonce = context.settings.nonce() >>> 0
    this.#accepted = accepted
  }

  get exchange(): Exchange {
    const { settings, roundTrip } = this.#context
    const payload = encodeHello(this.#nonce, settings.schema ?? 0)
    return {
      frame: { kind: frameKind.hello, flags: 0, seq: 0, aux: 0, payload },
      answeredBy: (frame) => this.#answeredBy(frame),
      accept: (frame) => this.#accept(decodeHelloReply(frame.payload)!),
      attempts: settings.retries + 1,
      patience: (attempt) => roundTrip.timeout * 2 ** attempt,
      unanswered: () => this.#unanswered(),
    }
  }

  /** Why a device that answered is not taken. */
  get objection(): GemgateError | undefined {
    return this.#objection
  }

  #answeredBy(frame: LinkFrame): boolean {
    if (frame.kind === frameKind.error && frame.seq === 0 && frame.aux !== replyStatus.noSession)
      this.#refusal = frame.aux
    return frame.kind === frameKind.helloReply && decodeHelloReply(frame.payload)?.nonce === this.#nonce
  }

  #accept(reply: HelloReply): void {
    const message = fault(reply, this.#context.settings.schema)
    if (message === undefined) this.#accepted(reply)
    else this.#objection = new GemgateError('GG_LINK_PROTOCOL', message, reflash)
  }

  #unanswered(): GemgateError {
    if (this.#refusal === undefined)
      return new GemgateError('GG_LINK_TIMEOUT', `nothing answers on ${this.#name}`, silenceRemedy)
    return new GemgateError(
      'GG_LINK_PROTOCOL',
      `the device on ${this.#name} refuses protocol version ${protocolVersion} (status ${this.#refusal})`,
      reflash,
    )
  }
}

/** Why a host of this version, with this register table, cannot work with the device. */
function fault(device: HelloReply, expected: number | undefined): string | undefined {
  const { version, schema, maximumPayload, slots } = device
  if (version !== protocolVersion)
    return `the device speaks version ${version} of the link, this is version ${protocolVersion}`
  if (expected !== undefined && schema !== expected)
    return `the register table of the device is 0x${schema.toString(16)}, the one of the host 0x${expected.toString(16)}`
  if (
    maximumPayload < 32 ||
    maximumPayload > largestPayload ||
    maximumPayload % 4 !== 0 ||
    slots < 1 ||
    slots > 0x8000
  )
    return `the device says that it takes ${slots} frames of ${maximumPayload} bytes, which cannot be`
  return undefined
}
