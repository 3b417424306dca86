import { errno, VfioRefusal } from '../../src/link/carriers/vfio-user-messages.ts'
import { dmaRegister, dmaStatus, largestTransfer } from '../../src/link/carriers/vfio-user-registers.ts'
import { DeviceOutput } from './device-output.ts'
import { IdentificationBlock } from './identification-block.ts'

/** The host's memory as the device reaches it. Both throw DmaFault. */
export interface HostMemory {
  read(address: bigint, count: number): Promise<Uint8Array>
  write(address: bigint, bytes: Uint8Array): Promise<void>
}

/** The device reached for memory that is not there. */
export class DmaFault extends Error {}

/** BAR 0 of the emulated board: identification and one transfer at a time in each direction, see vfio-user-registers.ts. */
export class DmaEngine {
  /** What the logic has for the host. */
  readonly output = new DeviceOutput()
  readonly #block: IdentificationBlock
  readonly #onReset: () => void
  readonly #values = new Map<number, number>()
  #memory: HostMemory | undefined
  #sink: (bytes: Uint8Array) => void = () => {}
  #h2cBusy = false
  #c2hArmed = false
  #faults = 0
  /** Counts resets and clients: a transfer that began before one of them ends in nothing. */
  #era = 0

  constructor(build: bigint, onReset: () => void) {
    this.#onReset = onReset
    this.#block = new IdentificationBlock(build, () => this.reset())
  }

  /** Bytes from the host. */
  listen(sink: (bytes: Uint8Array) => void): void {
    this.#sink = sink
  }

  attach(memory: HostMemory): void {
    this.#memory = memory
  }

  /** The host is gone and its memory with it. */
  detach(memory: HostMemory): void {
    if (this.#memory !== memory) return
    this.#memory = undefined
    this.#stop()
  }

  /** Forgets what is under way in both directions. */
  reset(): void {
    this.#stop()
    this.#faults = 0
    this.output.clear()
    this.#onReset()
  }

  read(address: number): number {
    if (address < dmaRegister.status) return this.#block.read(address)
    if (address === dmaRegister.status) return this.#status
    return this.#values.get(address) ?? 0
  }

  /** Throws VfioRefusal for a transfer that cannot be started. */
  write(address: number, value: number): void {
    switch (address) {
      case dmaRegister.h2cLength:
        this.#startH2c(value)
        return
      case dmaRegister.c2hLength:
        this.#startC2h(value)
        return
      case dmaRegister.completionLow:
      case dmaRegister.completionHigh:
      case dmaRegister.h2cLow:
      case dmaRegister.h2cHigh:
      case dmaRegister.c2hLow:
      case dmaRegister.c2hHigh:
        this.#values.set(address, value)
        return
      default:
        if (address < dmaRegister.status) this.#block.write(address, value)
    }
  }

  get #status(): number {
    return (this.#h2cBusy ? dmaStatus.h2cBusy : 0) | (this.#c2hArmed ? dmaStatus.c2hArmed : 0) | this.#faults
  }

  #stop(): void {
    this.#era++
    this.#h2cBusy = false
    this.#c2hArmed = false
    this.output.wake()
  }

  #check(length: number, busy: boolean): HostMemory {
    if (this.#memory === undefined || length < 8 || length > largestTransfer || length % 8 !== 0)
      throw new VfioRefusal(errno.EINVAL)
    if (busy || this.#block.inReset) throw new VfioRefusal(errno.EBUSY)
    return this.#memory
  }

  #startH2c(length: number): void {
    const memory = this.#check(length, this.#h2cBusy)
    const address = this.#address(dmaRegister.h2cLow)
    this.#h2cBusy = true
    void this.#transfer(memory, dmaStatus.h2cFault, async () => {
      const bytes = await memory.read(address, length)
      return () => {
        this.#h2cBusy = false
        this.#count(dmaRegister.h2cCount)
        this.#sink(bytes)
      }
    })
  }

  #startC2h(length: number): void {
    const memory = this.#check(length, this.#c2hArmed)
    const address = this.#address(dmaRegister.c2hLow)
    const era = this.#era
    this.#c2hArmed = true
    void this.#transfer(memory, dmaStatus.c2hFault, async () => {
      let bytes = new Uint8Array(0)
      while (bytes.length === 0) {
        await this.output.ready()
        if (this.#era !== era || this.output.closed) return () => {}
        bytes = Uint8Array.from(this.output.gather(length))
      }
      await memory.write(address, bytes)
      return () => {
        this.#c2hArmed = false
        this.#values.set(dmaRegister.c2hBytes, bytes.length)
        this.#count(dmaRegister.c2hCount)
      }
    })
  }

  /** Runs a transfer; what it did takes effect, and is told to the host, unless a reset came between. */
  async #transfer(memory: HostMemory, fault: number, work: () => Promise<() => void>): Promise<void> {
    const era = this.#era
    try {
      const finish = await work()
      if (this.#era !== era) return
      finish()
    } catch (error) {
      if (!(error instanceof DmaFault)) throw error
      if (this.#era !== era) return
      this.#faults |= fault
    }
    const at = this.#address(dmaRegister.completionLow)
    if (at === 0n) return
    const words = new Uint32Array([
      this.#values.get(dmaRegister.h2cCount) ?? 0,
      this.#values.get(dmaRegister.c2hCount) ?? 0,
      this.#values.get(dmaRegister.c2hBytes) ?? 0,
      this.#status,
    ])
    // Without a place for its completion the device can only hold its status.
    await memory.write(at, new Uint8Array(words.buffer)).catch(() => {
      if (this.#era === era) this.#faults |= fault
    })
  }

  #count(register: number): void {
    this.#values.set(register, ((this.#values.get(register) ?? 0) + 1) >>> 0)
  }

  #address(low: number): bigint {
    return (BigInt(this.#values.get(low + 4) ?? 0) << 32n) | BigInt(this.#values.get(low) ?? 0)
  }
}
