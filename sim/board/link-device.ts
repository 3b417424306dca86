import type { Framing } from '../../src/link/framer.ts'

/** The device's end of a carrier: bytes in, bytes out. The twin and simulated gateware look like this. */
export interface LinkDevice {
  readonly framing: Framing
  /** Bytes from the host, in any cut. */
  receive(bytes: Uint8Array): void
  /** The next bytes for the host; undefined when there are none now. */
  transmit(): Uint8Array | undefined
  /** Called when there may be something to transmit; set by whoever carries the bytes. */
  onOutput: (() => void) | undefined
}

/** What stands behind a link endpoint: the registers and streams of the logic. */
export interface LinkTarget {
  /** A register by its word address; below the number of registers. */
  read(address: number): number
  write(address: number, value: number): void
  /** Takes bytes of the pixels stream from the start of `bytes`; says how many. The rest is offered again. */
  push(bytes: Uint8Array): number
  /** The next whole message of the events stream, at least one byte; undefined when there is none now. */
  pull(): Uint8Array | undefined
  /** A session begins: forget the frame at hand and all messages; settings stay. */
  session(): void
  /** Items that the source of events dropped since power-up; 0 where it waits instead. */
  readonly dropped: number
}
