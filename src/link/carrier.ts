import type { GemgateError } from '../core/errors.ts'

/** Who listens to a carrier. */
export interface CarrierListener {
  /** Bytes as they come, in any cut; the chunk belongs to the listener. */
  data(chunk: Uint8Array): void
  /** The other side went away; called at most once, nothing comes after it. GG_LINK_LOST or GG_CLOSED, or why a
   * recording cannot go on (GG_REPLAY, GG_OUTPUT). */
  lost(error: GemgateError): void
}

/**
 * Moves bytes to a device and back. First in, first out; it may lose, damage and double bytes, never reorder them.
 * One object is one session with a device: what was not sent when it is lost is never sent.
 */
export interface Carrier extends AsyncDisposable {
  /** For people, such as `serial:/dev/ttyUSB1 at 3000000 baud`. */
  readonly name: string
  /** `bytes`: frames are escaped (UART); `records`: frames are padded (PCIe DMA). */
  readonly framing: 'bytes' | 'records'
  /** Begins to deliver; to be called once. */
  listen(listener: CarrierListener): void
  /** Resolves when the carrier can take more. Throws GG_LINK_LOST, GG_CLOSED; then nothing of it will be sent. */
  write(bytes: Uint8Array): Promise<void>
}
