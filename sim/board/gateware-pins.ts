import type { Simulation } from '../verilog/index.ts'
import { ByteBuffer } from './byte-buffer.ts'
import type { GatewareParameters } from './gateware-top.ts'

/** Drives the pins of a simulated board. */
export interface GatewarePins {
  /** Bytes for the board. */
  give(bytes: Uint8Array): void
  /** Bytes of the board, at most `count`. */
  take(count: number): Uint8Array
  /** Runs so many clocks; says whether a byte moved or waits. */
  clock(cycles: number): boolean
}

/** Resets the design, with its own reset where it has no port for that, and drives it at the level that it was made for. */
export function pinsOf(
  simulation: Simulation,
  { level, divisor }: Pick<GatewareParameters, 'level' | 'divisor'>,
): GatewarePins {
  if (level === 'uart') simulation.set('rx', 1)
  const reset = simulation.ports.has('rst')
  if (reset) simulation.set('rst', 1)
  simulation.step(ownReset)
  if (reset) simulation.set('rst', 0)
  if (level === 'uart') return new UartPins(simulation, divisor)
  return new BeatPins(simulation, level === 'bytes' ? 1 : 8)
}

/** Clocks that boards take for their own reset, and some more. */
const ownReset = 1024

/** Valid and data with a register on each side; a beat has one or eight bytes. */
class BeatPins implements GatewarePins {
  readonly #simulation: Simulation
  readonly #width: number
  readonly #in = new ByteBuffer()
  readonly #out = new ByteBuffer()

  constructor(simulation: Simulation, width: number) {
    this.#simulation = simulation
    this.#width = width
  }

  give(bytes: Uint8Array): void {
    this.#in.push(bytes)
  }

  take(count: number): Uint8Array {
    return this.#out.take(count)
  }

  clock(cycles: number): boolean {
    const { words, stepFunction: step } = this.#simulation
    const inValid = this.#simulation.word('in_valid')
    const inData = this.#simulation.word('in_data')
    const inFull = this.#simulation.word('in_full')
    const outValid = this.#simulation.word('out_valid')
    const outData = this.#simulation.word('out_data')
    const width = this.#width
    let moved = false
    for (let i = 0; i < cycles; i++) {
      const give = words[inFull] === 0 && this.#in.length >= width
      words[inValid] = give ? 1 : 0
      if (give) {
        moved = true
        if (width === 1) words[inData] = this.#in.shift()
        else {
          words[inData] = this.#in.shiftWord()
          words[inData + 1] = this.#in.shiftWord()
        }
      }
      step()
      if (words[outValid] !== 0) {
        moved = true
        if (width === 1) this.#out.add(words[outData]!)
        else {
          this.#out.addWord(words[outData]!)
          this.#out.addWord(words[outData + 1]!)
        }
      }
    }
    return moved || this.#in.length >= width
  }
}

/** A serial line, bit by bit: a start bit, eight data bits, a stop bit, `divisor` clocks each. */
class UartPins implements GatewarePins {
  readonly #simulation: Simulation
  readonly #divisor: number
  readonly #in = new ByteBuffer()
  readonly #out = new ByteBuffer()
  /** Bits that are still to be driven, lowest first, and clocks of the one that is on the line. */
  #driven = 1
  #left = 0
  #bits = 0
  /** Clocks until the next sample; 0 while the line is idle. */
  #until = 0
  #sampled = 0
  #count = 0

  constructor(simulation: Simulation, divisor: number) {
    this.#simulation = simulation
    this.#divisor = divisor
  }

  give(bytes: Uint8Array): void {
    this.#in.push(bytes)
  }

  take(count: number): Uint8Array {
    return this.#out.take(count)
  }

  clock(cycles: number): boolean {
    const { words, stepFunction: step } = this.#simulation
    const rx = this.#simulation.word('rx')
    const tx = this.#simulation.word('tx')
    let moved = false
    for (let i = 0; i < cycles; i++) {
      if (this.#left === 0) {
        if (this.#bits === 0 && this.#in.length > 0) {
          this.#driven = 0x200 | (this.#in.shift() << 1)
          this.#bits = 10
          moved = true
        }
        if (this.#bits > 0) {
          words[rx] = this.#driven & 1
          this.#driven >>= 1
          this.#bits--
          this.#left = this.#divisor
        } else words[rx] = 1
      }
      if (this.#left > 0) this.#left--
      step()
      if (this.#sample(words[tx]!)) moved = true
    }
    return moved || this.#in.length > 0
  }

  /** True when a byte is complete; a byte without its stop bit is dropped, as a UART drops it. */
  #sample(level: number): boolean {
    if (this.#until === 0) {
      if (level !== 0) return false
      // The middle of the first data bit.
      this.#until = this.#divisor + (this.#divisor >> 1)
      this.#count = 0
      this.#sampled = 0
      return true
    }
    if (--this.#until > 0) return false
    if (this.#count < 8) {
      this.#sampled |= level << this.#count
      this.#count++
      this.#until = this.#divisor
      return false
    }
    if (level !== 0) this.#out.add(this.#sampled)
    return level !== 0
  }
}
