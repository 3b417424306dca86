import { GemgateError } from '../core/errors.ts'
import type { ControlChannel } from './control-channel.ts'
import { silenceRemedy } from './handshake.ts'
import { emptyPayload, type LinkContext } from './link-context.ts'
import { type DeviceStatistics, frameKind, type HelloReply, type LinkFrame, replyStatus } from './protocol.ts'
import { following } from './sequence.ts'
import { decodeDeviceStatistics } from './statistics.ts'
import { bytesToWords, wordsToBytes } from './words.ts'

/** Most words that a READ can ask for: its count is one byte. */
const readWords = 255

/** Registers over the control channel; lists are cut into requests that follow each other without others between. */
export class RegisterRequests {
  readonly #control: ControlChannel
  readonly #context: LinkContext
  #seq = 0
  #words = 1

  constructor(control: ControlChannel, context: LinkContext) {
    this.#control = control
    this.#context = context
  }

  /** A session begins. */
  begin(maximumPayload: number): void {
    this.#seq = 0
    this.#words = maximumPayload / 4
  }

  async read(address: number, count: number, device: HelloReply): Promise<Uint32Array> {
    if (!Number.isInteger(count) || count < 1) throw refused(`${count} registers cannot be read`)
    checkRange(address, count, device)
    return this.#control.exclusively(async () => {
      const words = new Uint32Array(count)
      for (let done = 0; done < count; ) {
        const n = Math.min(count - done, this.#words, readWords)
        const reply = await this.#request(frameKind.read, address + done, Uint8Array.of(n))
        if (reply.payload.length !== 4 * n) throw this.#broken(`${reply.payload.length} bytes for ${n} words`)
        words.set(bytesToWords(reply.payload), done)
        done += n
      }
      return words
    })
  }

  async write(
    kind: typeof frameKind.write | typeof frameKind.pulse,
    address: number,
    words: ArrayLike<number>,
    device: HelloReply,
  ): Promise<void> {
    checkRange(address, kind === frameKind.write ? words.length : 1, device)
    for (let i = 0; i < words.length; i++) checkWord(words[i]!)
    const bytes = wordsToBytes(words)
    await this.#control.exclusively(async () => {
      for (let at = 0; at < bytes.length; at += 4 * this.#words) {
        const first = kind === frameKind.write ? address + at / 4 : address
        await this.#request(kind, first, bytes.subarray(at, at + 4 * this.#words))
      }
    })
  }

  async statistics(): Promise<DeviceStatistics> {
    return this.#control.exclusively(async () => {
      const reply = await this.#request(frameKind.statistics, 0, emptyPayload)
      const statistics = decodeDeviceStatistics(reply.payload)
      if (statistics === undefined) throw this.#broken(`${reply.payload.length} bytes of statistics`)
      return statistics
    })
  }

  /** Ends the session with GG_LINK_LOST when the device does not answer twice. */
  async keepAlive(name: string): Promise<void> {
    const { keepAlive } = this.#context.settings
    await this.#control.exclusively(() =>
      this.#request(frameKind.statistics, 0, emptyPayload, {
        attempts: 2,
        patience: () => Math.max(keepAlive, this.#context.roundTrip.timeout),
        unanswered: () => new GemgateError('GG_LINK_LOST', `the device on ${name} is silent`, silenceRemedy),
      }),
    )
  }

  async #request(
    kind: number,
    aux: number,
    payload: Uint8Array,
    policy = this.#policy(kind, aux),
  ): Promise<LinkFrame> {
    this.#seq = following(this.#seq) || 1
    const seq = this.#seq
    this.#context.statistics.requests++
    const reply = await this.#control.exchange({
      frame: { kind, flags: 0, seq, aux, payload },
      answeredBy: (frame) =>
        frame.seq === seq && (frame.kind === (kind | 0x80) || frame.kind === frameKind.error),
      ...policy,
    })
    if (reply.kind === frameKind.error)
      throw this.#broken(`status ${reply.aux} for a request of kind ${kind}`)
    if (reply.aux === replyStatus.badAddress) throw refused(`the device has no register at ${aux}`)
    if (reply.aux !== replyStatus.ok) throw this.#broken(`status ${reply.aux} for a request of kind ${kind}`)
    return reply
  }

  #policy(kind: number, aux: number) {
    const { settings, roundTrip } = this.#context
    return {
      attempts: settings.retries + 1,
      patience: (attempt: number) => roundTrip.timeout * 2 ** attempt,
      unanswered: () =>
        new GemgateError(
          'GG_LINK_TIMEOUT',
          `no answer to a ${names[kind] ?? 'request'} at ${aux} after ${settings.retries + 1} attempts`,
          'Whether the device has executed it is not known: read the registers after a restart of the link.',
        ),
    }
  }

  /** The device broke the protocol: the session is over. */
  #broken(message: string): GemgateError {
    const error = new GemgateError(
      'GG_LINK_PROTOCOL',
      `the device answered with ${message}`,
      'Flash the firmware of this version.',
    )
    this.#context.fail(error)
    return error
  }
}

const names: Readonly<Record<number, string>> = {
  [frameKind.read]: 'read',
  [frameKind.write]: 'write',
  [frameKind.pulse]: 'pulse',
  [frameKind.statistics]: 'request for statistics',
}

function checkRange(address: number, count: number, device: HelloReply): void {
  if (!Number.isInteger(address) || address < 0 || address + count > device.registers)
    throw refused(`${count} registers from ${address} on: the device has 0 to ${device.registers - 1}`)
}

function checkWord(word: number): void {
  if (!Number.isInteger(word) || word < 0 || word >= 2 ** 32)
    throw refused(`${word} is no word of 32 bits without sign`)
}

function refused(message: string): GemgateError {
  return new GemgateError('GG_REGISTER', message, 'docs/registers.md lists the registers.')
}
