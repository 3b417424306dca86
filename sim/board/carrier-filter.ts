import { GemgateError } from '../../src/core/errors.ts'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import type { Framing } from '../../src/link/framer.ts'

/** Something that stands between a host and a carrier; it is the host's carrier and the carrier's listener. */
export abstract class CarrierFilter implements Carrier, CarrierListener {
  readonly name: string
  readonly framing: Framing
  protected readonly inner: Carrier
  protected host: CarrierListener | undefined
  #over = false
  #error: GemgateError | undefined

  constructor(inner: Carrier, name: string) {
    this.inner = inner
    this.name = name
    this.framing = inner.framing
  }

  /** The carrier was closed or lost: nothing is delivered any more. */
  protected get over(): boolean {
    return this.#over
  }

  /** Throws GG_LINK_LOST or GG_CLOSED when the carrier is over. */
  protected assertThere(): void {
    if (this.#over)
      throw this.#error ?? new GemgateError('GG_CLOSED', `${this.name} is closed`, 'Open the link again.')
  }

  listen(listener: CarrierListener): void {
    this.host = listener
    this.inner.listen(this)
  }

  abstract write(bytes: Uint8Array): Promise<void>
  abstract data(chunk: Uint8Array): void

  lost(error: GemgateError): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.host?.lost(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    await this.inner[Symbol.asyncDispose]()
  }
}
