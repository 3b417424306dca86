import { GemgateError } from '../../core/errors.ts'
import type { Clock } from './clock.ts'
import { realTime } from './clock.ts'
import type { FlashMonitor, Programmer } from './flash-monitor.ts'
import { FtdiChannel } from './ftdi-channel.ts'
import { Mpsse, MpsseSequence } from './mpsse.ts'
import { type FlashChip, SpiFlash, sectorBytes } from './spi-flash.ts'
import type { UsbTransport } from './usb-transport.ts'

/**
 * Pins 7:0 of port A as on iCEBreaker, HX8K breakout and UPduino (iceprog.c): clock and data out, and two lines
 * with pull-ups that are only driven low.
 */
const pin = { clockAndData: 0x03, select: 0x10, done: 0x40, reset: 0x80 } as const

/** Milliseconds from the release of reset to CDONE; the largest image takes 150 ms in the low frequency range. */
const configureTime = 2000

/** Writes the flash of an iCE40 board through the MPSSE of its FTDI bridge, as iceprog does. */
export class Ice40Programmer implements Programmer {
  readonly finishesOnAbort = true
  readonly holdsReset = true
  readonly #usb: UsbTransport
  readonly #mpsse: Mpsse
  readonly #flash: SpiFlash
  readonly #clock: Clock
  #chip: FlashChip | undefined

  private constructor(usb: UsbTransport, clock: Clock) {
    this.#usb = usb
    this.#clock = clock
    this.#mpsse = new Mpsse(new FtdiChannel(usb, clock))
    const select = (sequence: MpsseSequence) => lines(sequence, pin.select | pin.reset)
    const deselect = (sequence: MpsseSequence) => lines(sequence, pin.reset)
    this.#flash = new SpiFlash(this.#mpsse, { select, deselect }, clock)
  }

  /**
   * Takes over the board: the FPGA goes into reset, the flash is asked what it is.
   * Disposing it, also after an error here, lets the FPGA go and gives the port back.
   * @throws GemgateError GG_FLASH, GG_LINK_LOST, GG_LINK_TIMEOUT, GG_LINK_PROTOCOL
   */
  static async open(usb: UsbTransport, clock: Clock = realTime): Promise<Ice40Programmer> {
    const programmer = new Ice40Programmer(usb, clock)
    try {
      await programmer.#mpsse.open()
      await programmer.#hold()
      programmer.#chip = await programmer.#flash.open()
      return programmer
    } catch (error) {
      await programmer[Symbol.asyncDispose]()
      throw error
    }
  }

  get name(): string {
    return `built-in programmer on ${this.#usb.name}`
  }

  get chip(): FlashChip {
    return this.#chip!
  }

  affected(length: number): number {
    return Math.min(this.chip.bytes, Math.ceil(length / sectorBytes) * sectorBytes)
  }

  /** Reads twice: a backup that a bad cable changed would be found out too late. */
  readonly read = async (
    length: number,
    monitor: FlashMonitor,
    signal?: AbortSignal,
  ): Promise<Uint8Array> => {
    await this.#hold()
    await this.#flash.open()
    const pass = (before: number): Promise<Uint8Array> =>
      this.#flash.read(0, length, (done) => {
        signal?.throwIfAborted()
        monitor.progress(before + done, 2 * length)
      })
    const bytes = await pass(0)
    const again = await pass(length)
    const at = bytes.findIndex((byte, i) => byte !== again[i])
    if (at >= 0)
      throw new GemgateError(
        'GG_FLASH',
        `byte ${at} of the flash comes differently each time`,
        'Check the supply and the cable of the board.',
      )
    return bytes
  }

  async program(image: Uint8Array, monitor: FlashMonitor): Promise<void> {
    if (image.length > this.chip.bytes)
      throw new GemgateError(
        'GG_FLASH',
        `the image has ${image.length} bytes, the flash ${this.chip.name} only ${this.chip.bytes}`,
        'Use an image for this board.',
      )
    const progress = (done: number): void => monitor.progress(Math.min(done, image.length), image.length)
    await this.#hold()
    await this.#flash.open()
    const protection = await this.#flash.unprotect()
    await this.#flash.erase(image.length, () => monitor.changes(), progress)
    monitor.enter('write')
    await this.#flash.write(image, progress)
    monitor.enter('verify')
    await this.#flash.verify(image, progress)
    await this.#flash.protect(protection)
  }

  async configure(): Promise<void> {
    await this.#flash.powerDown()
    await this.#mpsse.run(lines(new MpsseSequence(), 0))
    await this.#waitDone()
  }

  /** Safe to call after any error; what the transport says then does not matter any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#mpsse.run(lines(new MpsseSequence(), 0))
      await this.#mpsse.close()
    } catch {
      // The device is gone; its pull-ups release the FPGA.
    } finally {
      await this.#usb[Symbol.asyncDispose]()
    }
  }

  /** FPGA in reset, its pins let go of the flash. */
  async #hold(): Promise<void> {
    await this.#mpsse.run(lines(new MpsseSequence(), pin.reset))
    await this.#clock.sleep(100)
    const [levels] = await this.#mpsse.run(new MpsseSequence().readLow())
    if ((levels! & pin.done) !== 0)
      throw new GemgateError(
        'GG_FLASH',
        'CDONE stays high while the FPGA is held in reset',
        'The programmer is not wired to the FPGA (other board, or jumpers): choose the right --usb device.',
      )
  }

  async #waitDone(): Promise<void> {
    const deadline = this.#clock.now() + configureTime
    for (;;) {
      const [levels] = await this.#mpsse.run(new MpsseSequence().readLow())
      if ((levels! & pin.done) !== 0) return
      if (this.#clock.now() > deadline)
        throw new GemgateError(
          'GG_FLASH',
          'CDONE stays low: the FPGA does not take the image from the flash',
          'Switch the board off and on; check the jumpers (HX8K breakout: boot from flash) and the image.',
        )
      await this.#clock.sleep(10)
    }
  }
}

/** Drives the given lines low, the others float up. With none of them the bus belongs to the FPGA, all pins float. */
function lines(sequence: MpsseSequence, low: number): MpsseSequence {
  return sequence.setLow(0, low === 0 ? 0 : pin.clockAndData | low)
}
