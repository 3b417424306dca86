/**
 * BAR 0 of the emulated PCIe board, byte addresses of 32-bit registers; the identification block lies in front.
 * One transfer at a time in each direction. After each the device counts it and writes a completion of four words to
 * host memory: h2c count, c2h count, bytes of the last c2h transfer, status.
 */
export const dmaRegister = {
  /** Read only, see dmaStatus. */
  status: 0x10,
  completionLow: 0x14,
  completionHigh: 0x18,
  h2cLow: 0x20,
  h2cHigh: 0x24,
  /** Writing starts a transfer of so many bytes from host memory, a multiple of 8, 8 to 65536. */
  h2cLength: 0x28,
  /** Transfers done, 32 bits. */
  h2cCount: 0x2c,
  c2hLow: 0x30,
  c2hHigh: 0x34,
  /** Writing hands the device a buffer of so many bytes; it is given back as soon as there are bytes in it. */
  c2hLength: 0x38,
  c2hCount: 0x3c,
  c2hBytes: 0x40,
} as const

/** Bits of the status: a transfer is under way, or met memory that is not mapped (until the engine is reset). */
export const dmaStatus = { h2cBusy: 1, c2hArmed: 2, h2cFault: 1 << 8, c2hFault: 1 << 9 } as const

export const completionBytes = 16
/** Bytes of BAR 0. */
export const barBytes = 4096
/** Bytes of one transfer at most. */
export const largestTransfer = 65536
