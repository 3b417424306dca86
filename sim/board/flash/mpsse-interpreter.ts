/** What hangs on the pins of an MPSSE. */
export interface MpssePins {
  /** Levels that the chip drives; a direction bit 1 is an output. */
  drive(value: number, direction: number): void
  /** Levels that the chip sees. */
  sense(): number
  /** One SPI byte. */
  exchange(byte: number): number
  /** Fewer than eight bits. */
  exchangeBits(byte: number, count: number): number
}

/** Operations with their operands: length in bytes without the operation. */
const operands: Readonly<Record<number, number>> = {
  128: 2, // 80 set low pins
  129: 0, // 81 read low pins
  130: 2, // 82 set high pins
  131: 0, // 83 read high pins
  132: 0, // 84 85 loopback
  133: 0,
  134: 2, // 86 divisor
  135: 0, // 87 send immediate
  138: 0, // 8A 8B divide by 5
  139: 0,
  140: 0, // 8C 8D three phases
  141: 0,
  150: 0, // 96 97 adaptive clock
  151: 0,
}

/**
 * The command processor of an FT2232H (FTDI AN 108), as far as SPI uses it: takes bytes in any cut, answers bytes.
 * Anything else is answered by FA and the byte, as the chip does.
 */
export class MpsseInterpreter {
  readonly #pins: MpssePins
  #operation = -1
  #operands: number[] = []
  #data = 0
  #answers: number[] = []
  #taken = 0

  constructor(pins: MpssePins) {
    this.#pins = pins
  }

  /** Forgets a half-sent operation and all answers. */
  clear(): void {
    this.#operation = -1
    this.#operands = []
    this.#data = 0
    this.#answers = []
    this.#taken = 0
  }

  /** Bytes that wait for the host. */
  get waiting(): number {
    return this.#answers.length - this.#taken
  }

  /** The next answers, at most `count`. */
  take(count: number): number[] {
    const result = this.#answers.slice(this.#taken, this.#taken + count)
    this.#taken += result.length
    if (this.waiting === 0) {
      this.#answers = []
      this.#taken = 0
    }
    return result
  }

  push(byte: number): void {
    if (this.#data > 0) {
      this.#data--
      const answer = this.#pins.exchange(byte)
      if (this.#operation === 0x31) this.#answers.push(answer)
      if (this.#data === 0) this.#end()
      return
    }
    if (this.#operation < 0) {
      this.#operation = byte
      if (this.#needed() < 0) {
        this.#answers.push(0xfa, byte)
        this.#end()
        return
      }
    } else this.#operands.push(byte)
    if (this.#operands.length === this.#needed()) this.#perform()
  }

  #needed(): number {
    const operation = this.#operation
    if (operation === 0x11 || operation === 0x20 || operation === 0x31) return 2
    if (operation === 0x13 || operation === 0x33) return 2
    return operands[operation] ?? -1
  }

  #perform(): void {
    const [first = 0, second = 0] = this.#operands
    const length = first + 256 * second + 1
    switch (this.#operation) {
      case 0x11:
      case 0x31:
        this.#data = length
        return
      case 0x20:
        for (let i = 0; i < length; i++) this.#answers.push(this.#pins.exchange(0))
        break
      case 0x13:
      case 0x33: {
        const answer = this.#pins.exchangeBits(second, first + 1)
        if (this.#operation === 0x33) this.#answers.push(answer)
        break
      }
      case 0x80:
        this.#pins.drive(first, second)
        break
      case 0x81:
        this.#answers.push(this.#pins.sense())
        break
      case 0x83:
        this.#answers.push(0xff)
        break
    }
    this.#end()
  }

  #end(): void {
    this.#operation = -1
    this.#operands = []
  }
}
