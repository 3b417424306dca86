import { GemgateError } from '../../core/errors.ts'
import type { FtdiChannel } from './ftdi-channel.ts'

/** Operations of the MPSSE (FTDI AN 108). SPI mode 0: out on the falling edge, in on the rising edge. */
const operation = {
  writeBytes: 0x11,
  readBytes: 0x20,
  exchangeBits: 0x33,
  setLow: 0x80,
  readLow: 0x81,
  loopbackOff: 0x85,
  divisor: 0x86,
  sendImmediate: 0x87,
  divideBy5: 0x8b,
  threePhaseOff: 0x8d,
  adaptiveOff: 0x97,
  /** No operation: the chip answers FA and the byte. */
  bad: 0xaa,
} as const

const badReply = 0xfa

/** Bytes that one data operation moves at most. */
const mpsseChunk = 65536

/** A sequence of MPSSE operations and the number of bytes that they answer. */
export class MpsseSequence {
  readonly #parts: Uint8Array[] = []
  #answers = 0

  /** Pins 7:0: level of those that are outputs (direction bit 1). */
  setLow(value: number, direction: number): this {
    return this.#add([operation.setLow, value, direction])
  }

  /** Answers one byte: the levels of pins 7:0. */
  readLow(): this {
    return this.#add([operation.readLow], 1)
  }

  /** SPI clock of 12 MHz / (2 * (1 + divisor)); with 0 it is 6 MHz. */
  clock(divisor: number): this {
    return this.#add([operation.divideBy5, operation.divisor, divisor & 255, divisor >> 8])
  }

  /** What other modes of the chip may have left on. */
  plainSpi(): this {
    return this.#add([operation.loopbackOff, operation.threePhaseOff, operation.adaptiveOff])
  }

  write(bytes: Uint8Array): this {
    for (let at = 0; at < bytes.length; at += mpsseChunk) {
      const part = bytes.subarray(at, at + mpsseChunk)
      this.#add([operation.writeBytes, (part.length - 1) & 255, (part.length - 1) >> 8])
      this.#parts.push(part)
    }
    return this
  }

  /** Answers `count` bytes, 1 to 65536. */
  read(count: number): this {
    return this.#add([operation.readBytes, (count - 1) & 255, (count - 1) >> 8], count)
  }

  /** Sends the top `count` bits of a byte, 1 to 8; answers one byte. */
  exchangeBits(byte: number, count: number): this {
    return this.#add([operation.exchangeBits, count - 1, byte], 1)
  }

  bytes(): Uint8Array {
    return Buffer.concat(
      this.#answers > 0 ? [...this.#parts, [operation.sendImmediate]].map(asBytes) : this.#parts,
    )
  }

  get answers(): number {
    return this.#answers
  }

  #add(bytes: readonly number[], answers = 0): this {
    this.#parts.push(Uint8Array.from(bytes))
    this.#answers += answers
    return this
  }
}

function asBytes(part: Uint8Array | number[]): Uint8Array {
  return part instanceof Uint8Array ? part : Uint8Array.from(part)
}

/** Milliseconds for the answers of one sequence, beside 1 ms for each 500 bytes. */
const answerTime = 1000

/** Runs sequences on a port. Errors are those of the transport, and GG_LINK_TIMEOUT, GG_LINK_PROTOCOL. */
export class Mpsse {
  readonly #channel: FtdiChannel

  constructor(channel: FtdiChannel) {
    this.#channel = channel
  }

  get name(): string {
    return this.#channel.name
  }

  /** Enters MPSSE mode and proves with a bad operation that host and chip agree on where operations begin. */
  async open(): Promise<void> {
    await this.#channel.enterMpsse()
    await this.#channel.drain()
    await this.#channel.write(Uint8Array.of(operation.bad, operation.sendImmediate))
    const [marker, echo] = await this.#channel.read(2, answerTime)
    if (marker !== badReply || echo !== operation.bad)
      throw new GemgateError(
        'GG_LINK_PROTOCOL',
        `${this.name} does not answer as an MPSSE does (${marker?.toString(16)} ${echo?.toString(16)})`,
        'Unplug the board, plug it in again, and repeat. Only FT2232H, FT232H and FT4232H have an MPSSE.',
      )
    await this.run(new MpsseSequence().plainSpi().clock(0))
  }

  async run(sequence: MpsseSequence): Promise<Uint8Array> {
    await this.#channel.write(sequence.bytes())
    if (sequence.answers === 0) return new Uint8Array(0)
    return this.#channel.read(sequence.answers, answerTime + sequence.answers / 500)
  }

  async close(): Promise<void> {
    await this.#channel.leaveMpsse()
  }
}
