import { GemgateError } from '../../../src/core/errors.ts'
import type { Random } from '../../../src/core/random.ts'
import type { Ice40Device } from '../../../src/toolchain/flash/ice40-devices.ts'
import type { UsbTransport } from '../../../src/toolchain/flash/usb-transport.ts'
import type { LinkDevice, LinkTarget } from '../link-device.ts'
import { LinkEndpoint } from '../link-endpoint.ts'
import { FlashChip } from './flash-chip.ts'
import type { FlashClock } from './flash-clock.ts'
import { Ice40Configuration } from './ice40-configuration.ts'
import { MpsseInterpreter } from './mpsse-interpreter.ts'

/** How the board around chip and FPGA misbehaves. Transfers count from 0 over one session. */
export interface BoardFaults {
  /** The whole board loses power after so many SPI bytes. */
  powerLossAfter?: number
  /** The bridge goes away with this transfer. */
  disconnectAt?: number
  /** From this transfer on nothing comes back. */
  silentFrom?: number
  /** Bulk-in transfers return few bytes at a time. */
  shortReads?: boolean
  /** Bits of the flash that turn over when the FPGA is released from reset. */
  rotAtBoot?: { readonly address: number; readonly mask: number }
  /** The logic does not answer on its link. */
  linkDead?: boolean
}

export interface SimulatedFlashBoardOptions {
  readonly device: Ice40Device
  readonly flashBytes: number
  readonly flashId: number
  readonly clock: FlashClock
  readonly random: Random
  /** Build id of the logic by what is configured (configurationDigest); the logic of others does not answer. */
  readonly builds: ReadonlyMap<string, bigint>
}

/** Milliseconds of an SPI byte at 6 MHz, and of a USB transfer. */
const byteTime = 8 / 6000
const transferTime = 0.125
const packetSize = 512

/**
 * An iCE40 board on USB: FT2232H with MPSSE, serial flash, FPGA that configures itself from it, logic that says
 * its build id. Time is virtual.
 */
export class SimulatedFlashBoard {
  readonly chip: FlashChip
  readonly fpga: Ice40Configuration
  faults: BoardFaults = {}
  readonly #options: SimulatedFlashBoardOptions
  readonly #clock: FlashClock
  readonly #interpreter: MpsseInterpreter
  #moved = 0
  #transfers = 0
  #selected = false
  #resetLow = false
  #powered = true
  #open = false

  constructor(options: SimulatedFlashBoardOptions) {
    this.#options = options
    this.#clock = options.clock
    const { flashBytes: bytes, flashId: id, random } = options
    this.chip = new FlashChip({ bytes, id, random }, options.clock)
    this.fpga = new Ice40Configuration(options.device, this.chip, options.clock)
    this.#interpreter = new MpsseInterpreter({
      drive: (value, direction) => this.#drive(value, direction),
      sense: () => (this.fpga.done ? 0x40 : 0) | (this.#selected ? 0 : 0x10) | (this.#resetLow ? 0 : 0x80),
      exchange: (byte) => this.#exchange(byte),
      exchangeBits: (byte, count) => {
        if (count === 8) return this.#exchange(byte)
        if (this.#selected && this.#resetLow) this.chip.exchangeBits(count)
        return 0xff
      },
    })
  }

  /** Unplugs the board and plugs it in again; the flash keeps what it has, faults stay. */
  cyclePower(): void {
    this.chip.cyclePower()
    this.#powered = true
    this.#moved = 0
    this.#selected = this.#resetLow = false
    this.#interpreter.clear()
    this.fpga.reset(true, false)
    this.fpga.reset(false, false)
  }

  /**
   * The link of the logic that is configured now, as it is after its reset; deaf while there is none, and for logic of
   * others. Reconfiguring makes the old one deaf.
   */
  link(): LinkDevice {
    const configuration = this.fpga.configuration
    const build = configuration === undefined ? undefined : this.#options.builds.get(configuration)
    if (build === undefined) return new SilentLink(undefined, () => false)
    const endpoint = new LinkEndpoint(noLogic, { framing: 'bytes', registers: 1, build })
    return new SilentLink(
      endpoint,
      () => this.#powered && this.faults.linkDead !== true && this.fpga.configuration === configuration,
    )
  }

  /** Opens the bridge. */
  usb(): UsbTransport {
    this.#alive()
    if (this.#open) throw new GemgateError('GG_BOARD_UNAVAILABLE', 'the bridge is in use', 'Close it.')
    this.#open = true
    this.#transfers = 0
    let mode = 0
    return {
      name: 'simulated FT2232H',
      packetSize,
      control: async (request, value) => {
        this.#transfer()
        if (request === 0) this.#interpreter.clear()
        if (request === 11) {
          mode = value >> 8
          this.#interpreter.clear()
          if (mode === 0) this.#drive(0, 0)
        }
      },
      write: async (bytes) => {
        this.#transfer()
        for (const byte of bytes) {
          this.#alive()
          if (mode === 2) this.#interpreter.push(byte)
        }
      },
      read: async (length, milliseconds) => {
        this.#transfer()
        if (this.#silent()) {
          this.#clock.advance(milliseconds)
          return new Uint8Array(0)
        }
        return this.#packets(length)
      },
      [Symbol.asyncDispose]: async () => {
        this.#open = false
        if (this.#powered) this.#drive(0, 0)
      },
    }
  }

  #packets(length: number): Uint8Array {
    if (this.#interpreter.waiting === 0) this.#clock.advance(1)
    const most = this.faults.shortReads === true ? this.#options.random.integer(50) : length
    const payload = this.#interpreter.take(Math.min(most, Math.floor(length / packetSize) * (packetSize - 2)))
    const count = payload.length
    const packets = Math.max(1, Math.ceil(count / (packetSize - 2)))
    const result = new Uint8Array(count + 2 * packets)
    for (let packet = 0, at = 0; packet < packets; packet++) {
      const part = payload.slice(packet * (packetSize - 2), (packet + 1) * (packetSize - 2))
      result.set([0x32, 0x60, ...part], at)
      at += 2 + part.length
    }
    return result
  }

  #transfer(): void {
    this.#clock.advance(transferTime)
    if (this.#transfers++ === this.faults.disconnectAt) {
      // Without a host the pins of the bridge float.
      this.#drive(0, 0)
      this.#open = false
      throw new GemgateError('GG_LINK_LOST', 'the bridge went away', 'Plug it in.')
    }
    this.#alive()
  }

  #silent(): boolean {
    return this.faults.silentFrom !== undefined && this.#transfers > this.faults.silentFrom
  }

  #alive(): void {
    if (!this.#powered) throw new GemgateError('GG_LINK_LOST', 'the board has no power', 'Plug it in.')
  }

  #drive(value: number, direction: number): void {
    const low = direction & ~value
    const selected = (low & 0x10) !== 0
    const resetLow = (low & 0x80) !== 0
    const rot = this.faults.rotAtBoot
    if (this.#resetLow && !resetLow && rot !== undefined) this.chip.memory[rot.address]! ^= rot.mask
    if (resetLow !== this.#resetLow) this.fpga.reset(resetLow, selected)
    this.#resetLow = resetLow
    this.#selected = selected
    if (selected && resetLow) this.chip.select()
    else this.chip.deselect()
  }

  #exchange(byte: number): number {
    this.#clock.advance(byteTime)
    if (this.#moved++ === this.faults.powerLossAfter) {
      this.#powered = false
      this.#open = false
    }
    if (!this.#powered || !this.#selected) return 0xff
    return this.#resetLow ? this.chip.exchange(byte) : 0xff
  }
}

/** Behind the link of these boards is nothing but the link. */
const noLogic: LinkTarget = {
  dropped: 0,
  read: () => 0,
  write: () => undefined,
  push: (bytes) => bytes.length,
  pull: () => undefined,
  session: () => undefined,
}

/** An endpoint that can die. */
class SilentLink implements LinkDevice {
  readonly framing = 'bytes'
  readonly #endpoint: LinkEndpoint | undefined
  readonly #lives: () => boolean

  constructor(endpoint: LinkEndpoint | undefined, lives: () => boolean) {
    this.#endpoint = endpoint
    this.#lives = lives
  }

  get onOutput(): (() => void) | undefined {
    return this.#endpoint?.onOutput
  }

  set onOutput(action: (() => void) | undefined) {
    if (this.#endpoint !== undefined) this.#endpoint.onOutput = action
  }

  receive(bytes: Uint8Array): void {
    if (this.#lives()) this.#endpoint?.receive(bytes)
  }

  transmit(): Uint8Array | undefined {
    return this.#lives() ? this.#endpoint?.transmit() : undefined
  }
}
