import { GemgateError } from '../../src/core/errors.ts'

/** Bytes that the logic may have ready before it has to wait for the host. */
const limit = 1 << 16

/** Packets on their way from the logic to a host that fetches them. */
export class DeviceOutput {
  readonly #packets: Uint8Array[] = []
  readonly #readers = new Set<() => void>()
  readonly #writers = new Set<() => void>()
  #bytes = 0
  #closed = false

  /** Resolves when there is room for it, and it is in the queue. Throws GG_CLOSED. */
  async push(packet: Uint8Array): Promise<void> {
    const own = packet.slice()
    while (this.#bytes >= limit && !this.#closed)
      await new Promise<void>((resolve) => this.#writers.add(resolve))
    if (this.#closed)
      throw new GemgateError('GG_CLOSED', 'the emulated board was closed', 'Make another one.')
    if (own.length === 0) return
    this.#packets.push(own)
    this.#bytes += own.length
    this.wake()
  }

  /** Resolves when there is something to take, after `wake`, and when all is over. */
  async ready(): Promise<void> {
    if (this.#bytes === 0 && !this.#closed) await new Promise<void>((resolve) => this.#readers.add(resolve))
  }

  /** The next bytes of the packet at hand, at most `length`; empty when there are none. */
  take(length: number): Uint8Array {
    const packet = this.#packets[0]
    if (packet === undefined) return new Uint8Array(0)
    const part = packet.subarray(0, length)
    if (part.length === packet.length) this.#packets.shift()
    else this.#packets[0] = packet.subarray(part.length)
    this.#bytes -= part.length
    if (this.#bytes < limit) release(this.#writers)
    return part
  }

  /** As many bytes as there are, over the ends of packets, at most `length`. */
  gather(length: number): Uint8Array {
    const parts: Uint8Array[] = []
    let count = 0
    while (count < length) {
      const part = this.take(length - count)
      if (part.length === 0) break
      parts.push(part)
      count += part.length
    }
    return Buffer.concat(parts)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Drops what waits. */
  clear(): void {
    this.#packets.length = 0
    this.#bytes = 0
    release(this.#writers)
  }

  /** Lets `ready` resolve. */
  wake(): void {
    release(this.#readers)
  }

  close(): void {
    this.#closed = true
    this.clear()
    this.wake()
  }
}

function release(sleepers: Set<() => void>): void {
  const woken = [...sleepers]
  sleepers.clear()
  for (const wake of woken) wake()
}
