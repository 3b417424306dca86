/**
 * Levels of a serial line, one per clock: 8 data bits, no parity, one stop bit.
 * @param clocksPerBit of the sender's clock, not necessarily whole
 * @param gap clocks of rest before each byte
 */
export function serialLine(
  bytes: readonly number[],
  clocksPerBit: number,
  gap: () => number = () => 0,
): number[] {
  const levels: number[] = []
  let time = 0
  const hold = (level: number, clocks: number): void => {
    time += clocks
    while (levels.length < Math.round(time)) levels.push(level)
  }
  for (const byte of bytes) {
    hold(1, gap())
    for (let bit = 0; bit < 10; bit++) hold((((byte | 0x100) << 1) >> bit) & 1, clocksPerBit)
  }
  return levels
}

/** The inverse, for a receiver that samples in the middle of bits; a byte without stop bit is left out. */
export class SerialReader {
  readonly #clocksPerBit: number
  #clock = -1
  #byte = 0

  constructor(clocksPerBit: number) {
    this.#clocksPerBit = clocksPerBit
  }

  /** The level of one clock; the byte that ends with it. */
  push(level: number): number | undefined {
    if (this.#clock < 0) {
      if (level === 0) this.#clock = 0
      return undefined
    }
    this.#clock++
    const bit = Math.floor(this.#clock / this.#clocksPerBit)
    const middle = this.#clock === Math.floor((bit + 0.5) * this.#clocksPerBit)
    if (!middle) return undefined
    if (bit < 9) {
      this.#byte = bit === 0 ? 0 : this.#byte | (level << (bit - 1))
      return undefined
    }
    this.#clock = -1
    return level === 1 ? this.#byte : undefined
  }
}
