import type { LinkTarget } from '../../sim/board/link-device.ts'

/** Registers that remember what was done to them, and streams that a test fills and empties. */
export class TestTarget implements LinkTarget {
  readonly registers: Uint32Array
  /** Every executed write, in order. */
  readonly writes: (readonly [number, number])[] = []
  /** Bytes of the pixels stream that were taken. */
  readonly pixels: number[] = []
  readonly messages: Uint8Array[] = []
  sessions = 0
  dropped = 0
  /** Bytes that it takes until more room is made. */
  room = Number.POSITIVE_INFINITY

  constructor(registers = 64) {
    this.registers = new Uint32Array(registers)
  }

  read(address: number): number {
    return this.registers[address]!
  }

  write(address: number, value: number): void {
    this.writes.push([address, value])
    this.registers[address] = value
  }

  push(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.room)
    for (const byte of bytes.subarray(0, taken)) this.pixels.push(byte)
    this.room -= taken
    return taken
  }

  pull(): Uint8Array | undefined {
    return this.messages.shift()
  }

  session(): void {
    this.sessions++
    this.messages.length = 0
  }
}
