import { GemgateError } from '../../core/errors.ts'
import type { Clock } from './clock.ts'
import { type Mpsse, MpsseSequence } from './mpsse.ts'

/** Commands of W25Q and N25Q flashes (data sheets W25Q128JV, N25Q032A). */
const command = {
  writeStatus: 0x01,
  program: 0x02,
  read: 0x03,
  readStatus: 0x05,
  writeEnable: 0x06,
  erase4: 0x20,
  erase64: 0xd8,
  enableReset: 0x66,
  reset: 0x99,
  jedecId: 0x9f,
  wake: 0xab,
  powerDown: 0xb9,
} as const

/** Bits of status register 1. */
const status = { busy: 0x01, writeEnabled: 0x02, protection: 0x7c } as const

/** What a bus without a chip reads as. */
const nobody = 0xff

/** Longest times of the data sheets (both families) with margin, ms. */
const limit = { page: 50, erase4: 3000, erase64: 8000, status: 500, ready: 10_000 } as const

const pageBytes = 256
export const sectorBytes = 4096
const blockBytes = 65536
/** Bytes per read; one bulk transfer of a quarter of a second at worst. */
const readBytes = 16384

/** Manufacturer and type of the families that keep the commands above; the third byte is log2 of the size. */
const families: ReadonlyMap<number, string> = new Map([
  [0xef40, 'Winbond W25Q'],
  [0xef60, 'Winbond W25Q'],
  [0xef70, 'Winbond W25Q-M'],
  [0x20ba, 'Micron N25Q'],
  [0x20bb, 'Micron N25Q 1.8 V'],
  [0xc840, 'GigaDevice GD25Q'],
  [0x9d60, 'ISSI IS25LP'],
  [0xc220, 'Macronix MX25L'],
])

export interface FlashChip {
  readonly name: string
  /** Manufacturer, type, capacity. */
  readonly id: number
  readonly bytes: number
}

/** Pins: how chip select and the FPGA's reset are driven; both lines are pulled up and only ever driven low. */
export interface FlashWiring {
  select(sequence: MpsseSequence): MpsseSequence
  deselect(sequence: MpsseSequence): MpsseSequence
}

/**
 * A serial NOR flash behind an MPSSE, 24-bit addresses. Every wait is bounded. Errors are those of the MPSSE, and
 * GG_FLASH.
 */
export class SpiFlash {
  readonly #mpsse: Mpsse
  readonly #wiring: FlashWiring
  readonly #clock: Clock

  constructor(mpsse: Mpsse, wiring: FlashWiring, clock: Clock) {
    this.#mpsse = mpsse
    this.#wiring = wiring
    this.#clock = clock
  }

  /** Brings the chip from any mode to plain SPI and awake, and says which it is. */
  async open(): Promise<FlashChip> {
    const { select, deselect } = this.#wiring
    const sequence = new MpsseSequence()
    deselect(select(sequence).write(new Uint8Array(8).fill(0xff)))
    deselect(select(sequence).exchangeBits(0xff, 2))
    deselect(select(sequence).write(Uint8Array.of(command.wake)))
    await this.#mpsse.run(sequence)
    await this.#clock.sleep(1)
    // A chip that still erases, from a run that was broken off, answers nothing else; a reset now would do damage.
    if ((await this.#status()) !== nobody)
      await this.#ready('the flash is busy with an earlier command', limit.ready)
    const chip = identify(await this.#identifier())
    await this.#run(Uint8Array.of(command.enableReset))
    await this.#run(Uint8Array.of(command.reset))
    await this.#clock.sleep(1)
    if ((await this.#identifier()) !== chip.id)
      throw failure(
        'the flash says different things of itself',
        'Check the supply and the cable of the board.',
      )
    return chip
  }

  async read(address: number, length: number, each?: (done: number) => void): Promise<Uint8Array> {
    const result = new Uint8Array(length)
    for (let at = 0; at < length; at += readBytes) {
      const count = Math.min(readBytes, length - at)
      const sequence = this.#wiring.select(new MpsseSequence())
      sequence.write(withAddress(command.read, address + at)).read(count)
      result.set(await this.#mpsse.run(this.#wiring.deselect(sequence)), at)
      each?.(at + count)
    }
    return result
  }

  /**
   * Erases whole sectors of 4 KiB from address 0 to `length`, and reads back that they are empty.
   * @param begins called before each command that erases; the flash is as it was until the first
   */
  async erase(length: number, begins: () => void, each?: (done: number) => void): Promise<void> {
    const end = Math.ceil(length / sectorBytes) * sectorBytes
    for (let at = 0; at < end; ) {
      const whole = at % blockBytes === 0 && at + blockBytes <= end
      const size = whole ? blockBytes : sectorBytes
      await this.#enableWriting()
      begins()
      await this.#run(withAddress(whole ? command.erase64 : command.erase4, at))
      await this.#ready(`erasing at ${hex(at)} did not end`, whole ? limit.erase64 : limit.erase4)
      const left = (await this.read(at, size)).findIndex((byte) => byte !== 0xff)
      if (left >= 0)
        throw failure(
          `byte ${hex(at + left)} is not empty after it was erased`,
          'The flash chip is worn out or write protected (WP pin).',
        )
      at += size
      each?.(Math.min(at, end))
    }
  }

  /** Writes into erased memory, from address 0. Pages without a bit to clear are left out. */
  async write(bytes: Uint8Array, each?: (done: number) => void): Promise<void> {
    for (let at = 0; at < bytes.length; at += pageBytes) {
      const page = bytes.subarray(at, at + pageBytes)
      if (page.some((byte) => byte !== 0xff)) {
        await this.#enableWriting()
        const sequence = this.#wiring.select(new MpsseSequence())
        sequence.write(withAddress(command.program, at)).write(page)
        await this.#mpsse.run(this.#wiring.deselect(sequence))
        await this.#ready(`writing the page at ${hex(at)} did not end`, limit.page)
      }
      each?.(Math.min(at + pageBytes, bytes.length))
    }
  }

  /** Throws GG_FLASH naming the first byte that differs. */
  async verify(bytes: Uint8Array, each?: (done: number) => void): Promise<void> {
    const read = await this.read(0, bytes.length, each)
    const at = read.findIndex((byte, i) => byte !== bytes[i])
    if (at < 0) return
    const wrong = read.reduce((sum, byte, i) => sum + (byte === bytes[i] ? 0 : 1), 0)
    throw failure(
      `${wrong} bytes differ, the first at ${hex(at)}: 0x${read[at]!.toString(16)} instead of 0x${bytes[at]!.toString(16)}`,
      'Repeat; when it happens again the flash chip or the supply of the board is bad.',
    )
  }

  /**
   * Clears the block protection bits and returns those that were set.
   * Throws GG_FLASH when they stay.
   */
  async unprotect(): Promise<number> {
    const before = await this.#status()
    const bits = before & status.protection
    if (bits === 0) return 0
    await this.#writeStatus(before & ~(status.protection | status.busy | status.writeEnabled))
    if (((await this.#status()) & status.protection) !== 0)
      throw failure(
        'the flash is write protected and stays so',
        'Its WP pin or its status register lock holds the protection; see the manual of the board.',
      )
    return bits
  }

  /** Sets protection bits that `unprotect` returned. */
  async protect(bits: number): Promise<void> {
    if (bits === 0) return
    await this.#writeStatus(((await this.#status()) & ~(status.busy | status.writeEnabled)) | bits)
  }

  /** Until `open` the chip ignores everything but the wake-up, which the FPGA also sends. */
  async powerDown(): Promise<void> {
    await this.#run(Uint8Array.of(command.powerDown))
  }

  async #writeStatus(value: number): Promise<void> {
    await this.#enableWriting()
    await this.#run(Uint8Array.of(command.writeStatus, value))
    await this.#ready('writing the status register did not end', limit.status)
  }

  async #identifier(): Promise<number> {
    const [maker = 0, type = 0, capacity = 0] = await this.#ask(command.jedecId, 3)
    return (maker << 16) | (type << 8) | capacity
  }

  /** The flag is read back: a chip that lost it would ignore the next command without a word. */
  async #enableWriting(): Promise<void> {
    await this.#run(Uint8Array.of(command.writeEnable))
    const now = await this.#status()
    if ((now & status.writeEnabled) === 0 || (now & status.busy) !== 0)
      throw failure(
        `the flash does not let itself be written (status 0x${now.toString(16)})`,
        'Check the supply of the board and the WP and HOLD pins of the flash.',
      )
  }

  async #status(): Promise<number> {
    return (await this.#ask(command.readStatus, 1))[0]!
  }

  async #ready(what: string, milliseconds: number): Promise<void> {
    const deadline = this.#clock.now() + milliseconds
    let pause = 0.25
    while (((await this.#status()) & status.busy) !== 0) {
      if (this.#clock.now() > deadline)
        throw failure(`${what} within ${milliseconds} ms`, 'Switch the board off and on, and repeat.')
      await this.#clock.sleep(pause)
      pause = Math.min(10, pause * 2)
    }
  }

  async #run(bytes: Uint8Array): Promise<void> {
    await this.#mpsse.run(this.#wiring.deselect(this.#wiring.select(new MpsseSequence()).write(bytes)))
  }

  async #ask(code: number, count: number): Promise<Uint8Array> {
    const sequence = this.#wiring.select(new MpsseSequence()).write(Uint8Array.of(code)).read(count)
    return this.#mpsse.run(this.#wiring.deselect(sequence))
  }
}

/** Throws GG_FLASH for nothing, and for a chip whose commands are not known. */
export function identify(id: number): FlashChip {
  if (id === 0 || id === 0xffffff)
    throw failure(
      'no flash chip answers',
      'Check power and jumpers of the board (HX8K breakout: jumpers for flash programming).',
    )
  const family = families.get(id >> 8)
  const size = id & 255
  if (family === undefined || size < 0x10 || size > 0x19)
    throw failure(
      `the flash chip 0x${id.toString(16).padStart(6, '0')} is not known`,
      'Use --tool iceprog, which takes any chip, or report the identifier.',
    )
  return { name: family, id, bytes: Math.min(2 ** size, 2 ** 24) }
}

function withAddress(code: number, address: number): Uint8Array {
  return Uint8Array.of(code, address >> 16, address >> 8, address)
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(6, '0')}`
}

function failure(message: string, remedy: string): GemgateError {
  return new GemgateError('GG_FLASH', message, remedy)
}
