import { GemgateError } from '../../core/errors.ts'
import type { Clock } from './clock.ts'
import type { UsbTransport } from './usb-transport.ts'

/** Vendor requests of FTDI bridges (libftdi ftdi.h). */
const request = { reset: 0, latency: 9, bitMode: 11 } as const
const bitMode = { off: 0, mpsse: 2 } as const
/** Values of `reset`. */
const purge = { everything: 0, receive: 1, send: 2 } as const

/** Bytes asked for in one bulk-in transfer. */
const transferBytes = 16384

/** Empty transfers in a row, after which nothing will come; each waits for the latency timer. */
const mostEmptyReads = 2000

/** A port in MPSSE mode as a pair of byte streams; the status bytes of the packets are taken out. */
export class FtdiChannel {
  readonly #usb: UsbTransport
  readonly #clock: Clock
  /** Came, and not yet asked for. */
  #pending: Uint8Array = new Uint8Array(0)

  constructor(usb: UsbTransport, clock: Clock) {
    this.#usb = usb
    this.#clock = clock
  }

  get name(): string {
    return this.#usb.name
  }

  /** Resets the port, empties its buffers, 1 ms latency, MPSSE mode with all pins as inputs. */
  async enterMpsse(): Promise<void> {
    await this.#usb.control(request.reset, purge.everything)
    await this.#usb.control(request.reset, purge.receive)
    await this.#usb.control(request.reset, purge.send)
    await this.#usb.control(request.latency, 1)
    await this.#usb.control(request.bitMode, bitMode.off << 8)
    await this.#usb.control(request.bitMode, bitMode.mpsse << 8)
    await this.#clock.sleep(10)
    this.#pending = new Uint8Array(0)
  }

  /** Pins become inputs, the usual latency comes back. */
  async leaveMpsse(): Promise<void> {
    await this.#usb.control(request.bitMode, bitMode.off << 8)
    await this.#usb.control(request.latency, 16)
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#usb.write(bytes)
  }

  /** Exactly `count` bytes. Throws GG_LINK_TIMEOUT when they do not come in time. */
  async read(count: number, milliseconds: number): Promise<Uint8Array> {
    const result = new Uint8Array(count)
    const deadline = this.#clock.now() + milliseconds
    let filled = 0
    let empty = 0
    while (filled < count) {
      if (this.#pending.length > 0) {
        const part = this.#pending.subarray(0, count - filled)
        result.set(part, filled)
        filled += part.length
        this.#pending = this.#pending.subarray(part.length)
        continue
      }
      const left = deadline - this.#clock.now()
      if (left <= 0 || empty > mostEmptyReads)
        throw new GemgateError(
          'GG_LINK_TIMEOUT',
          `the programmer ${this.name} sent ${filled} of ${count} bytes in ${milliseconds} ms`,
          'Unplug the board, plug it in again, and repeat.',
        )
      this.#pending = this.#strip(await this.#usb.read(transferBytes, Math.max(1, Math.ceil(left))))
      empty = this.#pending.length === 0 ? empty + 1 : 0
    }
    return result
  }

  /** Forgets what has come so far. */
  async drain(): Promise<void> {
    this.#pending = new Uint8Array(0)
    for (let n = 0; n < 64; n++) if (this.#strip(await this.#usb.read(transferBytes, 20)).length === 0) return
  }

  #strip(transfer: Uint8Array): Uint8Array {
    const size = this.#usb.packetSize
    const result = new Uint8Array(transfer.length)
    let filled = 0
    for (let at = 0; at < transfer.length; at += size) {
      const payload = transfer.subarray(at + 2, at + size)
      result.set(payload, filled)
      filled += payload.length
    }
    return result.subarray(0, filled)
  }
}
