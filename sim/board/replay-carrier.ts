import { GemgateError } from '../../src/core/errors.ts'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import { type LinkClock, systemClock } from '../../src/link/clock.ts'
import type { Framing } from '../../src/link/framer.ts'
import { readRecording } from '../../src/link/read-recording.ts'
import type { Recording } from '../../src/link/recording-reader.ts'
import { DuplexCarrier } from './duplex.ts'
import type { LinkDevice } from './link-device.ts'
import { LinkEndpoint } from './link-endpoint.ts'
import { ReplayTarget } from './replay-target.ts'

/**
 * A recording in place of a device: the twin speaks the link, and registers, pixels and events must be as recorded.
 * A host that asks for something else loses the carrier with GG_REPLAY. Nothing is timed as it was.
 */
export class ReplayCarrier implements Carrier {
  readonly name: string
  readonly framing: Framing
  readonly #inner: DuplexCarrier
  readonly #clock: LinkClock
  #listener: CarrierListener | undefined
  #error: GemgateError | undefined

  constructor(recording: Recording, clock: LinkClock = systemClock) {
    const { maximumPayload, slots, registers, schema, build, clock: frequency } = recording.device
    this.name = `replay of ${recording.file}`
    this.framing = recording.header.framing
    this.#clock = clock
    const endpoint = new LinkEndpoint(new ReplayTarget(recording), {
      framing: this.framing,
      maximumPayload,
      slots,
      registers,
      schema,
      build,
      clock: frequency,
    })
    const device: LinkDevice = {
      framing: this.framing,
      onOutput: undefined,
      receive: (bytes) => void this.#guard(() => endpoint.receive(bytes)),
      transmit: () => this.#guard(() => endpoint.transmit()),
    }
    endpoint.onOutput = () => device.onOutput?.()
    this.#inner = new DuplexCarrier(device, { name: this.name, clock })
  }

  /** Throws as `readRecording`. */
  static async open(file: string, clock: LinkClock = systemClock): Promise<ReplayCarrier> {
    return new ReplayCarrier(await readRecording(file), clock)
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    this.#inner.listen(listener)
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#error === undefined ? this.#inner.write(bytes) : Promise.reject(this.#error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener = undefined
    await this.#inner[Symbol.asyncDispose]()
  }

  /** After the first refusal the device is silent. */
  #guard<T>(action: () => T): T | undefined {
    if (this.#error !== undefined) return undefined
    try {
      return action()
    } catch (error) {
      if (!(error instanceof GemgateError)) throw error
      this.#error = error
      this.#clock.soon(() => this.#listener?.lost(error))
      return undefined
    }
  }
}
