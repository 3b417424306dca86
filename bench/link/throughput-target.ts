import { crc32 } from 'node:zlib'
import type { LinkTarget } from '../../sim/board/link-device.ts'
import { generator } from './payload.ts'

/** Registers: 0 counts reads; a write to 1 asks for that many bytes of events. */
export const throughputRegisters = 4

/** Bytes of one message of events. */
const messageBytes = 4000

/** Logic that takes pixels as fast as they come, gives events when asked, and remembers a checksum of both. */
export class ThroughputTarget implements LinkTarget {
  readonly dropped = 0
  /** Bytes and CRC-32 of the pixels stream since the session began. */
  taken = 0
  takenChecksum = 0
  givenChecksum = 0
  #reads = 0
  #asked = 0
  readonly #next = generator(2)

  read(): number {
    return ++this.#reads
  }

  write(address: number, value: number): void {
    if (address === 1) this.#asked += value
  }

  push(bytes: Uint8Array): number {
    this.takenChecksum = crc32(bytes, this.takenChecksum)
    this.taken += bytes.length
    return bytes.length
  }

  pull(): Uint8Array | undefined {
    if (this.#asked === 0) return
    const message = this.#next(Math.min(messageBytes, this.#asked))
    this.#asked -= message.length
    this.givenChecksum = crc32(message, this.givenChecksum)
    return message
  }

  session(): void {
    this.taken = 0
    this.takenChecksum = 0
    this.givenChecksum = 0
    this.#asked = 0
  }
}
