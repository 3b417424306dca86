/** Vendor that emulators use where no other is right, and a device number of gemgate's own ("GG"). */
const identity = { vendor: 0x1234, device: 0x4747, revision: 1, class: 0x118000 } as const

/** The configuration space of a PCI device with one memory BAR of 32 bits and no interrupts. */
export class PciConfiguration {
  readonly bytes = new Uint8Array(256)
  /** Bits that a write changes. */
  readonly #writable = new Uint8Array(256)

  /** @param barBytes size of BAR 0, a power of two */
  constructor(barBytes: number) {
    const view = new DataView(this.bytes.buffer)
    view.setUint16(0x00, identity.vendor, true)
    view.setUint16(0x02, identity.device, true)
    view.setUint32(0x08, (identity.class << 8) | identity.revision, true)
    view.setUint16(0x2c, identity.vendor, true)
    view.setUint16(0x2e, identity.device, true)
    const writable = new DataView(this.#writable.buffer)
    // Memory space, bus master, interrupt disable.
    writable.setUint16(0x04, 0x0406, true)
    writable.setUint8(0x0c, 0xff)
    writable.setUint32(0x10, -barBytes >>> 0, true)
    writable.setUint8(0x3c, 0xff)
  }

  /** `offset` and the bytes lie inside. */
  write(offset: number, data: Uint8Array): void {
    for (let i = 0; i < data.length; i++) {
      const mask = this.#writable[offset + i]!
      this.bytes[offset + i] = (this.bytes[offset + i]! & ~mask) | (data[i]! & mask)
    }
  }
}
