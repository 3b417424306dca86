/**
 * One port of an FTDI bridge on USB, at the level of transfers. Errors are GemgateErrors: GG_LINK_LOST when the
 * device went away, GG_LINK_TIMEOUT when a transfer did not end in time.
 */
export interface UsbTransport extends AsyncDisposable {
  /** For people, such as `0403:6010 at bus 1, address 7`. */
  readonly name: string
  /** Bytes of a packet of the bulk-in endpoint; each packet begins with two status bytes. */
  readonly packetSize: number
  /** A vendor request to the port, without data. */
  control(request: number, value: number): Promise<void>
  /** All bytes, or an error. */
  write(bytes: Uint8Array): Promise<void>
  /** One bulk-in transfer of at most `length` bytes, status bytes included; empty when nothing came in time. */
  read(length: number, milliseconds: number): Promise<Uint8Array>
}
