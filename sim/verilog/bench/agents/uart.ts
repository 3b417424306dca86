import { GemgateError } from '../../../../src/core/errors.ts'
import { isCount } from '../errors.ts'
import type { Process } from '../lanes.ts'
import type { PortAccess } from '../ports.ts'
import type { WaitOptions } from './axi-stream.ts'
import type { AnyDut } from './channel.ts'
import { Inbox } from './inbox.ts'

export interface UartOptions {
  /** Clocks per bit; need not be whole. */
  readonly divisor: number
  /** Data bits, lowest first, default 8. */
  readonly bits?: number
  readonly parity?: 'none' | 'even' | 'odd'
  /** Stop bits, default 1. */
  readonly stop?: 1 | 1.5 | 2
  readonly clock?: string
}

/** A character that did not arrive well. */
export interface UartError {
  readonly kind: 'framing' | 'parity'
  /** Number of characters before it. */
  readonly index: number
  readonly value: number
  /** Simulated time of the wrong bit. */
  readonly time: number
}

const parities = ['none', 'even', 'odd']
const stops = [1, 1.5, 2]

class Format {
  readonly divisor: number
  readonly bits: number
  readonly parity: 'none' | 'even' | 'odd'
  readonly stop: number

  constructor({ divisor, bits = 8, parity = 'none', stop = 1 }: UartOptions) {
    const rate = divisor >= 2 && Number.isFinite(divisor)
    const size = Number.isInteger(bits) && bits >= 1 && bits <= 16
    if (!(rate && size && parities.includes(parity) && stops.includes(stop)))
      throw new GemgateError(
        'GG_USAGE',
        `a UART of ${divisor} clocks per bit with ${bits} data bits, parity ${parity} and ${stop} stop bits`,
        `Give 2 clocks or more, 1 to 16 bits, parity ${parities.join(', ')}, and ${stops.join(', ')} stop bits.`,
      )
    this.divisor = divisor
    this.bits = bits
    this.parity = parity
    this.stop = stop
  }

  parityOf(value: number): number {
    let ones = this.parity === 'odd' ? 1 : 0
    for (let rest = value; rest > 0; rest >>>= 1) ones += rest & 1
    return ones & 1
  }
}

function serialPort(dut: AnyDut, name: string, direction: 'input' | 'output'): PortAccess {
  const access = dut.port(name)
  if (access.port.direction === direction && access.port.width === 1) return access
  throw new GemgateError(
    'GG_PORT',
    `the port ${name} is an ${access.port.direction} of ${access.port.width} bits`,
    `A serial line here is an ${direction} of one bit.`,
  )
}

/** Sends characters to a serial input of the design. */
export class UartTx implements Process {
  readonly detach: () => void
  readonly #dut: AnyDut
  readonly #line: PortAccess
  readonly #format: Format
  readonly #clock: string | undefined
  /** Levels to come, with their lengths in clocks. */
  readonly #levels: { readonly level: number; readonly clocks: number; readonly first: boolean }[] = []
  #head = 0
  /** Clocks until the running level ends; what is left of a clock is carried on. */
  #left = 0

  /** @param port the serial input of the design */
  constructor(dut: AnyDut, port: string, options: UartOptions) {
    this.#dut = dut
    this.#line = serialPort(dut, port, 'input')
    this.#format = new Format(options)
    this.#clock = options.clock
    this.#line.write(1)
    this.detach = dut.process(this, options.clock)
  }

  /** Queues characters. */
  send(characters: ArrayLike<number>): void {
    const { bits, parity, stop, divisor } = this.#format
    const list = Array.from(characters)
    for (const value of list)
      if (!isCount(value) || value >= 2 ** bits)
        throw new GemgateError('GG_USAGE', `${value} is no character of ${bits} bits`, 'Give whole numbers.')
    for (const value of list) {
      this.#push(0, divisor, true)
      for (let i = 0; i < bits; i++) this.#push((value >> i) & 1, divisor)
      if (parity !== 'none') this.#push(this.#format.parityOf(value), divisor)
      this.#push(1, stop * divisor)
    }
  }

  /** Queues a level for a number of bits: `hold(0, 12)` is a break, `hold(1, 5)` a pause. */
  hold(level: 0 | 1, bits: number): void {
    if (!((level === 0 || level === 1) && bits >= 0 && Number.isFinite(bits)))
      throw new GemgateError(
        'GG_USAGE',
        `a line cannot be ${level} for ${bits} bits`,
        'Give a level of 0 or 1, and a number of bits, 0 or more.',
      )
    this.#push(level, bits * this.#format.divisor, true)
  }

  get idle(): boolean {
    return this.#head === this.#levels.length && this.#left < 1
  }

  /** Waits until everything queued has been sent, the last stop bit included. */
  async sent({ limit }: WaitOptions = {}): Promise<void> {
    const what = `${this.#line.port.name} to be idle`
    await this.#dut.scheduler.waitCondition(() => this.idle, what, limit, this.#clock)
  }

  drive(): void {
    if (this.#dut.scheduler.resetting) return
    this.#left -= 1
    while (this.#left < 1 && this.#head < this.#levels.length) {
      const { level, clocks } = this.#levels[this.#head++]!
      this.#line.write(level)
      this.#left = Math.max(0, this.#left) + clocks
    }
    if (this.#left < 1 && this.#head === this.#levels.length) {
      this.#line.write(1)
      this.#left = 0
      this.#levels.length = 0
      this.#head = 0
    }
  }

  /** The character that was being sent is lost. */
  restart(): void {
    while (this.#head < this.#levels.length && !this.#levels[this.#head]!.first) this.#head++
    this.#left = 0
    this.#line.write(1)
  }

  #push(level: number, clocks: number, first = false): void {
    this.#levels.push({ level, clocks, first })
  }
}

/** Receives characters from a serial output of the design, each bit looked at in its middle. */
export class UartRx implements Process {
  readonly detach: () => void
  /** All good characters so far. */
  readonly characters: readonly number[]
  readonly errors: readonly UartError[]
  readonly #dut: AnyDut
  readonly #line: PortAccess
  readonly #format: Format
  readonly #clock: string | undefined
  readonly #inbox = new Inbox<number>()
  readonly #errors: UartError[] = []
  #reported = 0
  #level = 1
  /** Clocks since the start bit began; undefined between characters. */
  #clocks: number | undefined
  #bit = 0
  #value = 0
  #parityFailed = false
  #waitsForIdle = false

  /** @param port the serial output of the design */
  constructor(dut: AnyDut, port: string, options: UartOptions) {
    this.#dut = dut
    this.#line = serialPort(dut, port, 'output')
    this.#format = new Format(options)
    this.#clock = options.clock
    this.characters = this.#inbox.items
    this.errors = this.#errors
    this.#waitsForIdle = true
    this.detach = dut.process(this, options.clock)
  }

  /**
   * The next characters.
   * @throws GemgateError GG_BUS for a framing or parity error before they are complete, GG_SIM_TIMEOUT
   */
  async receive(count: number, { limit }: WaitOptions = {}): Promise<number[]> {
    if (!isCount(count))
      throw new GemgateError('GG_USAGE', `${count} is no number of characters`, 'Give a whole number.')
    const what = `${count} characters from ${this.#line.port.name}`
    const { scheduler } = this.#dut
    const taken = await this.#inbox.take(
      count,
      (holds) => scheduler.waitCondition(holds, what, limit, this.#clock),
      () => this.#errors.length > this.#reported,
    )
    if (taken.length < count) {
      const { kind, index, value, time } = this.#errors[this.#reported++]!
      throw new GemgateError(
        'GG_BUS',
        `${kind} error on ${this.#line.port.name} at time ${time}: character ${index}, 0x${value.toString(16)}`,
        'Compare divisor, data bits, parity and stop bits of both sides.',
      )
    }
    return [...taken]
  }

  sample(): void {
    this.#level = Number(this.#line.settled())
  }

  drive(): void {
    if (this.#dut.scheduler.resetting) return
    if (this.#waitsForIdle) {
      this.#waitsForIdle = this.#level === 0
      return
    }
    if (this.#clocks === undefined) {
      if (this.#level === 1) return
      this.#clocks = 0
      this.#bit = 0
      this.#value = 0
      this.#parityFailed = false
    }
    const { divisor } = this.#format
    this.#clocks++
    // the middle of bit n, the start bit being 0; the first clock of the character has number 1
    if (this.#clocks >= Math.floor((this.#bit + 0.5) * divisor) + 1) this.#look()
  }

  restart(): void {
    this.#clocks = undefined
    this.#waitsForIdle = true
  }

  #look(): void {
    const { bits, parity, stop } = this.#format
    const bit = this.#bit++
    const level = this.#level
    if (bit === 0) {
      // a start bit that is gone in its middle was none
      if (level === 1) this.#clocks = undefined
      return
    }
    if (bit <= bits) {
      this.#value |= level << (bit - 1)
      return
    }
    const first = bits + (parity === 'none' ? 1 : 2)
    if (bit < first) {
      this.#parityFailed = level !== this.#format.parityOf(this.#value)
      return
    }
    const last = first + Math.floor(stop) - 1
    if (level === 0) this.#fail('framing')
    else if (bit < last) return
    else if (this.#parityFailed) this.#fail('parity')
    else this.#inbox.items.push(this.#value)
    this.#clocks = undefined
    this.#waitsForIdle = level === 0
  }

  #fail(kind: 'framing' | 'parity'): void {
    const index = this.characters.length + this.#errors.length
    this.#errors.push({ kind, index, value: this.#value, time: this.#dut.time })
  }
}
