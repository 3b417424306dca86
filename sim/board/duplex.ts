import { GemgateError } from '../../src/core/errors.ts'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import { type LinkClock, systemClock } from '../../src/link/clock.ts'
import type { Framing } from '../../src/link/framer.ts'
import type { LinkDevice } from './link-device.ts'

export interface DuplexOptions {
  readonly name?: string
  readonly clock?: LinkClock
}

/** A carrier to a device in this process. Bytes wait for the next turn of the clock, never longer. */
export class DuplexCarrier implements Carrier {
  readonly name: string
  readonly framing: Framing
  readonly #device: LinkDevice
  readonly #clock: LinkClock
  #listener: CarrierListener | undefined
  #toDevice: { readonly bytes: Uint8Array; readonly taken: () => void }[] = []
  #turnTaken = false
  #outputTaken = false
  #closed = false

  constructor(device: LinkDevice, options: DuplexOptions = {}) {
    this.name = options.name ?? 'emulated device'
    this.framing = device.framing
    this.#device = device
    this.#clock = options.clock ?? systemClock
    device.onOutput = () => this.#output()
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    this.#output()
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed)
      return Promise.reject(new GemgateError('GG_CLOSED', 'the carrier is closed', 'Open the link again.'))
    return new Promise((taken) => {
      this.#toDevice.push({ bytes: bytes.slice(), taken })
      if (this.#turnTaken) return
      this.#turnTaken = true
      this.#clock.soon(() => this.#deliver())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#device.onOutput = undefined
    for (const { taken } of this.#toDevice.splice(0)) taken()
  }

  #deliver(): void {
    this.#turnTaken = false
    for (const { bytes, taken } of this.#toDevice.splice(0)) {
      this.#device.receive(bytes)
      taken()
    }
  }

  #output(): void {
    if (this.#outputTaken || this.#closed || this.#listener === undefined) return
    this.#outputTaken = true
    this.#clock.soon(() => {
      this.#outputTaken = false
      for (let n = 0; n < chunksPerTurn && !this.#closed; n++) {
        const bytes = this.#device.transmit()
        if (bytes === undefined) return
        this.#listener!.data(bytes)
      }
      this.#output()
    })
  }
}

/** Chunks that the device may send before others have their turn. */
const chunksPerTurn = 64
