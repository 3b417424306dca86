import type { Random } from '../../../src/core/random.ts'
import type { Clock } from '../../../src/toolchain/flash/clock.ts'

/** How a flash chip misbehaves. Counters count from 0 over the life of the chip. */
export interface ChipFaults {
  /** Identifier that it gives instead of its own. */
  id?: number
  /** Page programs and erases with these numbers do nothing. */
  programFails?: number
  eraseFails?: number
  /** After this program or erase the chip stays busy for ever. */
  stuckBusyAfter?: number
  /** Reads of this address come with these bits inverted. */
  stuckBits?: { readonly address: number; readonly mask: number }
  /** The status register's protection bits do not change. */
  protectionLocked?: boolean
}

export interface FlashChipOptions {
  readonly bytes: number
  /** Manufacturer, type, capacity. */
  readonly id: number
  readonly random: Random
}

/** Typical times of a W25Q128JV, ms. */
const times = { program: 0.7, erase4: 45, erase32: 120, erase64: 150, chip: 40_000, status: 10 } as const

interface Pending {
  readonly start: number
  readonly before: Uint8Array
}

/**
 * A W25Q serial flash at the level of SPI bytes: write enable latch, busy time, programming that only clears bits and
 * wraps in its page, erase, block protection (any bit of it protects everything), power-down that ignores all but
 * the wake-up. Commands while busy are ignored but for status and reset. Losing power, or a reset, in the middle of a
 * change leaves a mixture.
 */
export class FlashChip {
  readonly memory: Uint8Array
  faults: ChipFaults = {}
  readonly #clock: Clock
  readonly #id: number
  readonly #random: Random
  /** Status register 1 without busy and write enable. */
  #status = 0
  #writeEnabled = false
  #asleep = false
  #busyUntil = -1
  #resetEnabled = false
  #pending: Pending | undefined
  #programs = 0
  #erases = 0
  #selected = false
  /** Bits of the present transaction; not a multiple of 8 spoils it. */
  #bits = 0
  #command = -1
  #address = 0
  #received = 0
  #page: Uint8Array = new Uint8Array(256)
  #operand = 0

  constructor(options: FlashChipOptions, clock: Clock) {
    this.memory = new Uint8Array(options.bytes).fill(0xff)
    this.#id = options.id
    this.#random = options.random
    this.#clock = clock
  }

  get busy(): boolean {
    return this.#clock.now() < this.#busyUntil
  }

  /** As left behind by an earlier session: protection bits of the status register, and power-down. */
  leave(state: { readonly protection?: number; readonly asleep?: boolean }): void {
    this.#status = state.protection ?? this.#status
    this.#asleep = state.asleep ?? this.#asleep
  }

  get protection(): number {
    return this.#status
  }

  /** Power goes and comes back: a change under way is half done, everything volatile is gone. */
  cyclePower(): void {
    this.#breakOff()
    this.#asleep = this.#resetEnabled = this.#selected = false
  }

  #breakOff(): void {
    if (this.#pending !== undefined && this.busy) {
      const { start, before } = this.#pending
      for (let i = 0; i < before.length; i++)
        if (this.#random.uniform() < 0.5) this.memory[start + i] = before[i]! & this.#random.integer(256)
    }
    this.#pending = undefined
    this.#busyUntil = -1
    this.#writeEnabled = false
  }

  select(): void {
    if (this.#selected) return
    this.#selected = true
    this.#bits = this.#received = 0
    this.#command = -1
  }

  /** One byte in, one byte out. */
  exchange(byte: number): number {
    if (!this.#selected) return 0xff
    this.#bits += 8
    const n = this.#received++
    if (n === 0) {
      this.#command = this.#accepts(byte) ? byte : -1
      this.#address = 0
      return 0xff
    }
    switch (this.#command) {
      case 0x05:
        return this.#status | (this.busy ? 1 : 0) | (this.#writeEnabled ? 2 : 0)
      case 0x9f:
        return n <= 3 ? ((this.faults.id ?? this.#id) >> (24 - 8 * n)) & 255 : 0
      case 0x01:
        this.#operand = byte
        return 0xff
      case 0x03:
      case 0x0b: {
        if (n <= 3) this.#address = (this.#address << 8) | byte
        const first = this.#command === 0x03 ? 4 : 5
        return n < first ? 0xff : this.#readByte((this.#address + n - first) % this.memory.length)
      }
      case 0x02:
        if (n <= 3) this.#address = (this.#address << 8) | byte
        else {
          if (n === 4) this.#page.fill(0xff)
          this.#page[(this.#address + n - 4) & 255]! &= byte
        }
        return 0xff
      case 0x20:
      case 0x52:
      case 0xd8:
        if (n <= 3) this.#address = (this.#address << 8) | byte
        return 0xff
      default:
        return 0xff
    }
  }

  /** A whole read command, as `exchange` byte for byte would do it. */
  readAll(count: number): Uint8Array {
    this.select()
    for (const byte of [0x03, 0, 0, 0]) this.exchange(byte)
    const answered = this.#command === 0x03
    this.deselect()
    const result = answered ? this.memory.slice(0, count) : new Uint8Array(count).fill(0xff)
    const stuck = this.faults.stuckBits
    if (answered && stuck !== undefined && stuck.address < count) result[stuck.address]! ^= stuck.mask
    return result
  }

  /** Fewer than eight bits: such a transaction is no command. */
  exchangeBits(count: number): void {
    this.#bits += count
  }

  /** The end of a transaction carries the command out. */
  deselect(): void {
    if (!this.#selected) return
    this.#selected = false
    if (this.#bits % 8 !== 0) return
    const command = this.#command
    const afterEnable = this.#resetEnabled
    this.#resetEnabled = command === 0x66
    if (command === 0xab) this.#asleep = false
    else if (command === 0xb9) this.#asleep = true
    else if (command === 0x06) this.#writeEnabled = true
    else if (command === 0x04) this.#writeEnabled = false
    else if (command === 0x99 && afterEnable) this.#breakOff()
    else if (this.#writeEnabled) this.#change(command)
  }

  #accepts(command: number): boolean {
    if (this.#asleep) return command === 0xab
    return !this.busy || command === 0x05 || command === 0x66 || command === 0x99
  }

  #change(command: number): void {
    const erased = { 32: 4096, 82: 32768, 216: 65536, 199: this.memory.length }[command]
    if (command === 0x01 && this.#received === 2) {
      if (this.faults.protectionLocked !== true) this.#status = this.#operand & 0xfc
      this.#begin(0, 0, times.status)
    } else if (command === 0x02 && this.#received > 4) {
      const fails = this.faults.programFails === this.#programs
      this.#begin(this.#address & ~255, 256, times.program, () => {
        const start = this.#address & ~255 & (this.memory.length - 1)
        for (let i = 0; i < 256 && !fails; i++) this.memory[start + i]! &= this.#page[i]!
      })
      this.#programs++
    } else if (erased !== undefined && (command === 0xc7 || this.#received === 4)) {
      const size = Math.min(erased, this.memory.length)
      const start = (command === 0xc7 ? 0 : this.#address) & ~(size - 1) & (this.memory.length - 1)
      const fails = this.faults.eraseFails === this.#erases
      const time = { 32: times.erase4, 82: times.erase32, 216: times.erase64 }[command] ?? times.chip
      this.#begin(start, size, time, () => {
        if (!fails) this.memory.fill(0xff, start, start + size)
      })
      this.#erases++
    }
  }

  #begin(start: number, size: number, milliseconds: number, apply?: () => void): void {
    this.#writeEnabled = false
    if (apply !== undefined && (this.#status & 0x7c) !== 0) return
    const stuck = apply !== undefined && this.faults.stuckBusyAfter === this.#programs + this.#erases
    const from = start & (this.memory.length - 1)
    this.#busyUntil = stuck ? Number.POSITIVE_INFINITY : this.#clock.now() + milliseconds
    this.#pending = { start: from, before: this.memory.slice(from, from + size) }
    apply?.()
  }

  #readByte(address: number): number {
    const stuck = this.faults.stuckBits
    return this.memory[address]! ^ (stuck?.address === address ? stuck.mask : 0)
  }
}
