import { identification } from '../../src/link/carriers/identification.ts'
import { recordMagic } from '../../src/link/protocol.ts'

/** The identification block of a PCIe board; other addresses read 0 and take nothing. */
export class IdentificationBlock {
  readonly #build: bigint
  readonly #onReset: () => void
  #control = 0

  /** @param onReset bit 0 of the control register went up */
  constructor(build: bigint, onReset: () => void) {
    this.#build = build
    this.#onReset = onReset
  }

  read(address: number): number {
    if (address === identification.magic) return recordMagic
    if (address === identification.buildLow) return Number(this.#build & 0xffffffffn)
    if (address === identification.buildHigh) return Number((this.#build >> 32n) & 0xffffffffn)
    return address === identification.control ? this.#control : 0
  }

  write(address: number, value: number): void {
    if (address !== identification.control) return
    const rises = (value & 1) !== 0 && (this.#control & 1) === 0
    this.#control = value & 1
    if (rises) this.#onReset()
  }

  /** The link engine is held in reset. */
  get inReset(): boolean {
    return this.#control !== 0
  }
}
