import type { Clock } from '../../../src/toolchain/flash/clock.ts'
import { type Ice40Device, ice40Geometries } from '../../../src/toolchain/flash/ice40-devices.ts'
import { configurationDigest, parseIce40 } from '../../../src/toolchain/flash/ice40-image.ts'
import type { FlashChip } from './flash-chip.ts'

/** Bytes of flash that a device reads at most: its memories, and room for commands and a comment. */
function readLimit(device: Ice40Device): number {
  const { cramWidth, cramHeight, bramWidth, bramHeight } = ice40Geometries[device]
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b)
  return (cramWidth * sum(cramHeight) + sum(bramWidth) * bramHeight) / 8 + 5000
}

/** Clock of the low frequency range, bits per ms (7.5 MHz; SiliconBlue's data sheets say 4 to 10). */
const bitsPerMillisecond = 7500

/**
 * The configuration logic of an iCE40: out of reset it reads the flash. CDONE rises when the image is right for the device and has been read.
 */
export class Ice40Configuration {
  readonly #device: Ice40Device
  readonly #chip: FlashChip
  readonly #clock: Clock
  #inReset = false
  #digest: string | undefined
  #doneAt = Number.POSITIVE_INFINITY
  /** CDONE is held low from outside. */
  doneStuckLow = false
  /** What it boots instead of the flash, as a second image elsewhere would make it do. */
  otherImage: Uint8Array | undefined

  constructor(device: Ice40Device, chip: FlashChip, clock: Clock) {
    this.#device = device
    this.#chip = chip
    this.#clock = clock
  }

  get done(): boolean {
    return !this.doneStuckLow && this.configuration !== undefined
  }

  /** Digest of what is configured; undefined while nothing is. */
  get configuration(): string | undefined {
    return this.#clock.now() >= this.#doneAt ? this.#digest : undefined
  }

  /** Level of CRESET, and whether its select line is low: then it would wait for an image as a slave, unconfigured. */
  reset(low: boolean, selected: boolean): void {
    if (low) {
      this.#inReset = true
      this.#digest = undefined
      this.#doneAt = Number.POSITIVE_INFINITY
    } else if (this.#inReset) {
      this.#inReset = false
      if (!selected) this.boot()
    }
  }

  /** Reads the flash as after power-up. */
  boot(): void {
    this.#chip.deselect()
    this.#send(0xab)
    this.#digest = undefined
    this.#take(
      this.otherImage ?? this.#chip.readAll(Math.min(readLimit(this.#device), this.#chip.memory.length)),
    )
  }

  #take(bytes: Uint8Array): void {
    try {
      const image = parseIce40(bytes, 'anything')
      if (image.device !== this.#device) return
      this.#digest = configurationDigest(image)
      this.#doneAt = this.#clock.now() + (image.end * 8) / bitsPerMillisecond
      if (!image.nosleep) this.#send(0xb9)
    } catch {
      // A wrong image leaves the device unconfigured, with CDONE low.
    }
  }

  #send(byte: number): void {
    this.#chip.select()
    this.#chip.exchange(byte)
    this.#chip.deselect()
  }
}
